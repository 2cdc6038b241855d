import AWSTestSupport
import BursarFoundation
import BursarModel
import Testing

@testable import AWSAuth

/// Cases that botocore's vectors don't reach.
struct SigningTests {
    let date = Recorded.date
    let request = SigningRequest(method: "GET", url: "https://example.amazonaws.com/a?b=1&b=2")
    let signer = SigV4(service: "service", region: "us-east-1")

    @Test func `a token placed after signing is sent and not signed`() throws {
        var late = signer
        late.tokenPlacement = .afterSigning
        let signed = try late.sign(request, with: .example, at: date)
        #expect(signed.header("X-Amz-Security-Token") == AWSCredentials.example.sessionToken?.reveal())
        #expect(signed.header("Authorization")?.contains("SignedHeaders=host;x-amz-date,") == true)
        let without = AWSCredentials(
            accessKeyID: AWSCredentials.example.accessKeyID,
            secretAccessKey: AWSCredentials.example.secretAccessKey
        )
        #expect(
            signed.header("Authorization")
                == (try signer.sign(request, with: without, at: date)).header("Authorization")
        )

        let url = try late.presign(request, with: .example, expiry: .seconds(60), at: date).reveal()
        #expect(url.hasSuffix("&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLETOKEN"))
        let plain = try signer.presign(request, with: without, expiry: .seconds(60), at: date).reveal()
        #expect(url.hasPrefix(plain))
    }

    @Test func `a presigned URL keeps repeated keys`() throws {
        let url = try signer.presign(request, with: .example, expiry: .seconds(60), at: date).reveal()
        #expect(url.hasPrefix("https://example.amazonaws.com/a?b=1&b=2&X-Amz-Algorithm="))
    }

    @Test(arguments: [Duration.zero, .seconds(604_801), .milliseconds(1500), .seconds(-5)])
    func `a presigned URL's expiry has limits`(expiry: Duration) {
        #expect(throws: SigningError.expiryOutOfRange) {
            try signer.presign(request, with: .example, expiry: expiry, at: date)
        }
    }

    @Test(arguments: [
        "", "example.com", "/a", "ftp://example.com/", "https:///a", "https://user@example.com/", "https://e.com/#a",
        "https://e.com/a b", "https://e.com/\n", "https://e.com:70000/", "https://[::1", "https://e.com\\@f.com/",
    ])
    func `what isn't a URL isn't signed`(url: String) {
        #expect(throws: SigningError.malformedURL) {
            try signer.sign(SigningRequest(method: "GET", url: url), with: .example, at: date)
        }
    }

    @Test func `an empty session token counts as none`() {
        #expect(
            AWSCredentials(accessKeyID: "a", secretAccessKey: Secret("b"), sessionToken: Secret("")).sessionToken == nil
        )
    }

    @Test func `nothing that holds a secret prints one`() throws {
        let keys = SigningKeyCache()
        let signed = try SigV4(service: "service", region: "us-east-1", keys: keys).sign(
            request,
            with: .example,
            at: date
        )
        let token = try BedrockToken.provide(region: "us-east-1", credentials: .example, at: date, keys: keys)
        let web = WebIdentityRequest(roleARN: "arn", sessionName: "ada", token: Secret("wJalrXUtn-jwt"))
        for value in [AWSCredentials.example, signed, keys, token, web, StaticCredentials(.example)] as [any Sendable] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                for secret in ["wJalrXUtn", "IQoJb3JpZ2lu", "bedrock-api-key"] { #expect(!text.contains(secret)) }
            }
        }
    }

    @Test func `remembered keys are bounded, and never another's`() throws {
        let keys = SigningKeyCache()
        for index in 0..<200 {
            let region = "region-\(index)"
            let credentials = AWSCredentials(accessKeyID: "AKIA", secretAccessKey: Secret("secret-\(index % 2)"))
            let cached = try SigV4(service: "s", region: region, keys: keys).sign(request, with: credentials, at: date)
            let fresh = try SigV4(service: "s", region: region).sign(request, with: credentials, at: date)
            #expect(cached.header("Authorization") == fresh.header("Authorization"))
            #expect(keys.count <= 64)
        }
    }

    @Test(arguments: [
        (0, "19700101T000000Z"), (951_782_400, "20000229T000000Z"), (4_102_444_799, "20991231T235959Z"),
        (-1, "19691231T235959Z"), (253_402_300_799, "99991231T235959Z"),
    ])
    func `the calendar is the Gregorian one`(seconds: Int, stamp: String) {
        #expect(SigningDate(unixSeconds: seconds).stamp == stamp)
        #expect(SigningDate.date(stamp) == Date(timeIntervalSince1970: Double(seconds)))
    }

    @Test func `parts of a second are dropped`() {
        #expect(SigningDate(Date(timeIntervalSince1970: 1.999)).stamp == "19700101T000001Z")
    }
}
