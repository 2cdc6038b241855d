/// The certificates that a user's environment trusts instead of the system's.
struct CertificateBundle: Sendable {
    /// A PEM file; nil leaves libcurl's own default.
    let path: String?

    /// `AWS_CA_BUNDLE`, as every AWS client reads it, then OpenSSL's `SSL_CERT_FILE`; empty counts as unset.
    init(environment: [String: String]) {
        path = ["AWS_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
}
