/// Why a source gave no credentials.
///
/// No case holds a secret.
public enum CredentialError: Error, Sendable, Equatable {
    /// No source is configured at all.
    case notFound
    /// A source is named, and `missing` isn't there.
    case incomplete(source: String, missing: String)
    /// A source is named, and what it holds can't be read; `detail` says where.
    case malformed(source: String, detail: String)
}
