/// A place that credentials come from.
public protocol CredentialProvider: Sendable {
    /// Credentials that are good now; whoever calls asks again for each use.
    ///
    /// - Throws: ``CredentialError``, ``AWSError``, or `CancellationError`.
    func credentials() async throws -> AWSCredentials
}

/// Credentials that somebody holds already.
public struct StaticCredentials: CredentialProvider {
    private let held: AWSCredentials

    public init(_ credentials: AWSCredentials) {
        held = credentials
    }

    public func credentials() -> AWSCredentials { held }
}
