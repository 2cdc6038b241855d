import BursarModel

/// What SDKs ask for by `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerEndpoint: Sendable {
    static let path = "/credentials"
    let gate: LocalEndpointAuthorizer
    let session: InMemorySession

    func handle(_ request: LocalRequest, _ answer: LocalResponse) async throws {
        if let refusal = gate.refusal(of: request) { return try await answer.refuse(refusal) }
        guard request.target == Self.path else { return try await answer.refuse(.notFound) }
        guard request.method == "GET" else { return try await answer.refuse(.methodNotAllowed) }
        do throws(LocalEndpointError) {
            let session = try await session.session()
            guard let credentials = session.credentials else { throw .unreadable }
            try? await answer.send(200, json: Self.body(credentials))
        } catch {
            try await answer.refuse(error)
        }
    }

    /// `Token`, where `credential_process` has `SessionToken`; the values need no escapes, as for ``ProcessOutput``.
    static func body(_ credentials: SessionCredentials) -> Secret<String> {
        let values = [
            ("AccessKeyId", credentials.accessKeyID),
            ("SecretAccessKey", credentials.secretAccessKey.reveal()),
            ("Token", credentials.sessionToken.reveal()),
            ("Expiration", Timestamp.string(credentials.expiration)),
        ]
        return Secret("{" + values.map { #""\#($0)":"\#($1)""# }.joined(separator: ",") + "}")
    }
}

extension LocalEndpointError {
    static let unreadable = Self(status: 500, code: "failed", message: "the session can't be read")
}
