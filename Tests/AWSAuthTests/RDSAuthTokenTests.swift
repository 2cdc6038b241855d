import AWSTestSupport
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

struct RDSAuthTokenTests {
    struct Case: Encodable {
        let host: String
        let port: Int
        let user: String
        let region: String
        let accessKeyID: String
        let secretAccessKey: String
        let sessionToken: String?
        let seconds: Int

        func provide() throws -> Secret<String> {
            try RDSAuthToken.provide(
                host: host,
                port: port,
                user: user,
                region: region,
                credentials: AWSCredentials(
                    accessKeyID: accessKeyID,
                    secretAccessKey: Secret(secretAccessKey),
                    sessionToken: sessionToken.map { Secret($0) }
                ),
                at: Date(timeIntervalSince1970: Double(seconds))
            )
        }
    }

    private static let cases = [
        Case(
            host: "bursar.cluster-abc.eu-central-1.rds.amazonaws.com",
            port: 5432,
            user: "bursar_server",
            region: "eu-central-1",
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            sessionToken: nil,
            seconds: 1_767_323_045
        ),
        Case(
            host: "db.example.org",
            port: 6543,
            user: "ada+ünï@site/1",
            region: "us-gov-west-1",
            accessKeyID: "ASIAEXAMPLE",
            secretAccessKey: "secret",
            sessionToken: "IQoJb3JpZ2luX2VjE//+abc==",
            seconds: 1_709_210_096
        ),
    ]

    @Test(.enabled(if: Peer.isThere)) func `tokens equal botocore's`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("cases.json").string
        try JSONEncoder().encode(Self.cases).write(to: URL(filePath: path))
        let expected = try JSONDecoder().decode([String].self, from: try await Peer.run("rds_token.py", [path]))
        #expect(try Self.cases.map { try $0.provide().reveal() } == expected)
    }

    @Test func `a malformed region and expired credentials make no token`() throws {
        func provide(region: String, expiration: Date?) throws {
            _ = try RDSAuthToken.provide(
                host: "db.example.org",
                port: 5432,
                user: "ada",
                region: region,
                credentials: AWSCredentials(
                    accessKeyID: "AKIDEXAMPLE",
                    secretAccessKey: Secret("secret"),
                    sessionToken: nil,
                    expiration: expiration
                ),
                at: Recorded.date
            )
        }
        #expect(throws: SigningError.malformedRegion) { try provide(region: "eu/central", expiration: nil) }
        #expect(throws: SigningError.credentialsEnded) {
            try provide(region: "eu-central-1", expiration: Recorded.date)
        }
    }
}
