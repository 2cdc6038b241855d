import AWSAuth
import BursarFoundation
import BursarModel
import Testing

@testable import creds

struct TokenReportTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// The credentials' lifetime (nil: they don't expire), whether they are a session's, the requested time, the
    /// report.
    @Test(arguments: [
        (3149, true, nil, ["the credentials allow 52m 29s", "ends in 52m 29s, 2027-01-15T08:52:29Z"]),
        (
            nil, false, nil,
            ["the credentials don't end, so AWS's 12h is the limit", "ends in 12h, 2027-01-15T20:00:00Z"]
        ),
        (
            3149, true, 43_200,
            ["asked for 12h; the credentials allow 52m 29s", "ends in 52m 29s, 2027-01-15T08:52:29Z"]
        ),
        (3600, true, 600, ["asked for 10m; the credentials allow 1h", "ends in 10m, 2027-01-15T08:10:00Z"]),
        (
            60_000, true, 43_200,
            ["asked for 12h; the credentials allow 12h", "ends in 12h, 2027-01-15T20:00:00Z"]
        ),
        (
            nil, false, 3600,
            [
                "asked for 1h; the credentials don't end, so AWS's 12h is the limit",
                "ends in 1h, 2027-01-15T09:00:00Z",
            ]
        ),
        (
            nil, true, 3600,
            [
                "asked for 1h; the credentials don't say when they end; the token ends with them",
                "ends at the latest in 1h, 2027-01-15T09:00:00Z",
            ]
        ),
    ])
    func `the true end is printed`(life: Int?, isSession: Bool, asked: Int?, said: [String]) throws {
        let credentials = AWSCredentials(
            accessKeyID: "ASIAEXAMPLE0000000001",
            secretAccessKey: Secret("secret"),
            sessionToken: isSession ? Secret("token") : nil,
            expiration: life.map { Self.now + TimeInterval($0) }
        )
        let span = asked.map { TimeSpan(seconds: $0) }
        let token = try BedrockToken.provide(
            region: "us-east-1",
            credentials: credentials,
            expiry: asked.map { .seconds($0) } ?? BedrockToken.longestExpiry,
            at: Self.now
        )
        let lines = TokenReport(token, asked: span, credentials, at: Self.now).lines
        #expect(lines == [said[0], "the token for us-east-1 " + said[1]])
        // The decoded token has the same expiry.
        #expect(try DecodedBedrockToken(token.value).latestEnd == token.expiration)
    }
}
