import BursarFoundation
import BursarHTTP
import BursarModel
import INIParser

/// Credentials of the EC2 instance's role, from its metadata service, version 2 only.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html. Version 1, which any server-side
/// request forgery can reach, is never spoken. Where the response to the token request doesn't arrive (a container one
/// hop too far away), there are no credentials.
struct InstanceCredentials {
    static let method = "iam-role"
    private let base: String
    private let attempts: Int
    private let timeout: Duration
    private let clientContext: AWSClientContext

    /// nil when `AWS_EC2_METADATA_DISABLED` is `true`.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` for settings that aren't what they should be.
    init?(_ settings: ResolvedProfile, clientContext: AWSClientContext) throws(CredentialError) {
        guard settings.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        func setting(_ variable: String, _ name: ExactText) throws(CredentialError) -> String? {
            if let value = settings.variable(variable) { return value }
            return try settings.profile.text(name)
        }
        func number(_ variable: String, _ name: ExactText) throws(CredentialError) -> Int {
            guard let text = try setting(variable, name) else { return 1 }
            guard let number = Int(text), (1...60).contains(number) else {
                throw Self.malformed("\(variable) is not a number from 1 to 60: \(CredentialCharacters.shown(text))")
            }
            return number
        }
        attempts = try number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")
        timeout = .seconds(try number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout"))
        let mode = try setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode")
        let endpoint = try setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
        base = try Self.base(endpoint, isIPv6: mode?.lowercased() == "ipv6")
        self.clientContext = clientContext
    }

    private static func base(_ endpoint: String?, isIPv6: Bool) throws(CredentialError) -> String {
        guard let endpoint, !endpoint.isEmpty else {
            return isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        }
        let variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        guard let parts = URLParts(endpoint), parts.query == nil else {
            throw malformed("\(variable) is not a URL: \(CredentialCharacters.shown(endpoint))")
        }
        let isOwn = parts.isLoopback || ["169.254.169.254", "[fd00:ec2::254]"].contains(parts.host)
        guard parts.scheme == "https" || isOwn else {
            throw malformed(
                "\(variable) is plain http to a host that isn't this machine: \(CredentialCharacters.shown(endpoint))"
            )
        }
        var base = endpoint
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }

    /// The role's credentials; nil when there is no such service or no role, which is what any other machine is like.
    ///
    /// - Throws: `CancellationError`.
    func credentialsIfPresent() async throws -> AWSCredentials? {
        let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        guard let token = try await text(.put, "/latest/api/token", [lifetime]), CredentialCharacters.isPlain(token)
        else {
            return nil
        }
        let headers = [("x-aws-ec2-metadata-token", token)]
        let roles = "/latest/meta-data/iam/security-credentials/"
        guard let list = try await text(.get, roles, headers) else { return nil }
        let role = list.split(whereSeparator: \.isNewline).first.map { String($0.trimmingASCIIWhitespace()) } ?? ""
        guard !role.isEmpty, let response = try await text(.get, roles + PercentEncoding.encode(role), headers) else {
            return nil
        }
        return try? JSONDecoder().decode(MetadataResponse.self, from: Data(response.utf8)).credentials
    }

    private func text(
        _ method: HTTPClientRequest.Method,
        _ path: String,
        _ headers: [(name: String, value: String)]
    ) async throws -> String? {
        let request = MetadataRequest(method: method, url: base + path, headers: headers, timeout: timeout)
        do {
            let response = try await request.send(clientContext, attempts: attempts, pause: .zero, source: Self.method)
            return response.status == 200 ? String(decoding: response.body, as: UTF8.self) : nil
        } catch is CredentialError {
            return nil
        }
    }

    private static func malformed(_ detail: String) -> CredentialError {
        .malformed(source: method, detail: detail)
    }
}

extension InstanceCredentials: CredentialProvider {
    func credentials() async throws -> AWSCredentials {
        guard let credentials = try await credentialsIfPresent() else {
            throw CredentialError.failed(
                source: Self.method,
                detail: "the instance metadata service gives none; "
                    + "for a container the instance needs HttpPutResponseHopLimit=2"
            )
        }
        return credentials
    }
}
