import BursarModel

/// EC2, for the one thing that is done here: deleting a volume that nobody needs any more.
///
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
public struct EC2Client: Sendable {
    static let version = "2016-11-15"
    let connection: AWSServiceClient

    /// A client of one region.
    ///
    /// - Parameters:
    ///   - region: where the volume is.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_EC2` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .ec2,
            endpoint: try endpoints.endpoint(for: .ec2, region: region),
            credentials: credentials,
            clientContext: clientContext
        )
    }

    /// Deletes a volume for good; one that is gone already is no error.
    ///
    /// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html
    ///
    /// - Throws: ``AWSError``, code `VolumeInUse` for one that is attached; what the credential provider throws, or
    ///   `CancellationError`.
    public func deleteVolume(_ id: String) async throws {
        guard id.hasPrefix("vol-"), id.utf8.count <= 64, id.dropFirst(4).utf8.allSatisfy(\.isASCIILetterOrDigit) else {
            throw AWSError.invalidParameter(service: .ec2, field: "VolumeId")
        }
        var form = QueryForm(action: "DeleteVolume", version: Self.version)
        form.add("VolumeId", id)
        do {
            _ = try await connection.send(AWSRequest("DeleteVolume", form: form))
        } catch AWSError.refused(let refusal) where refusal.code == "InvalidVolume.NotFound" {
            // A call that was sent twice finds it gone.
        }
    }
}
