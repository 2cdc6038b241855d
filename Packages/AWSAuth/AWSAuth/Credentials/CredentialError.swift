/// Why a source gave no credentials.
///
/// No case holds a secret.
public enum CredentialError: Error, Sendable, Equatable {
    /// No source is configured at all.
    case notFound
    /// This profile was chosen or referred to, and no file has it.
    case profileMissing(String)
    /// A source is named, and `missing` isn't there.
    case incomplete(source: String, missing: String)
    /// A source is named, and what it holds can't be read; `detail` says where.
    case malformed(source: String, detail: String)
    /// Profiles whose `source_profile`s lead back to where they began, in order.
    case loop([String])
    /// A source that this library doesn't use; `hint` says what to do instead.
    case unsupported(source: String, hint: String)
    /// A source is named, and it failed; `detail` says how.
    case failed(source: String, detail: String)
    /// An SSO session doesn't exist or has ended; `aws sso login` signs in again. `detail` says which.
    case signedOut(source: String, detail: String)
    /// What a source gave has ended already.
    case ended(source: String)
}
