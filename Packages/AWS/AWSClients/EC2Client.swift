package import AWSAuth
import BursarModel

/// A client of EC2, for one operation: deleting a volume.
///
/// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
package struct EC2Client: AWSClient {
    package static let service = AWSService.ec2
    static let version = "2016-11-15"
    private let client: AWSServiceClient

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// Deletes a volume permanently; a missing one is no error.
    ///
    /// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html
    ///
    /// - Throws: ``AWSError``, code `VolumeInUse` for one that is attached; what the credential provider throws, or
    ///   `CancellationError`.
    package func deleteVolume(_ id: String) async throws {
        guard id.hasPrefix("vol-"), id.utf8.count <= 64, id.dropFirst(4).utf8.allSatisfy(\.isASCIILetterOrDigit) else {
            throw AWSError.invalidParameter(service: .ec2, field: "VolumeId")
        }
        var form = QueryForm(action: "DeleteVolume", version: Self.version)
        form.add("VolumeId", id)
        do {
            _ = try await client.send(AWSRequest("DeleteVolume", form: form))
        } catch AWSError.refused(let refusal) where refusal.code == "InvalidVolume.NotFound" {
            // A call that was sent twice finds it gone.
        }
    }
}
