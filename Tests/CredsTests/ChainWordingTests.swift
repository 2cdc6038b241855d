import AWSAuth
import Console
import Testing
import Transport

@testable import creds

struct ChainWordingTests {
    @Test(arguments: [
        (
            CredentialError.notFound,
            Problem(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        ),
        (.profileMissing("p"), Problem("there is no AWS profile p", hint: "aws configure list-profiles")),
        (
            .incomplete(source: "env", missing: "AWS_SECRET_ACCESS_KEY"),
            Problem("env: AWS_SECRET_ACCESS_KEY is missing")
        ),
        (.malformed(source: "f", detail: "line 3"), Problem("f: line 3")),
        (.loop(["a", "b"]), Problem("these profiles lead back to each other: a, b")),
        (.unsupported(source: "mfa_serial", hint: "h"), Problem("mfa_serial is not supported", hint: "h")),
        (.failed(source: "s", detail: "d"), Problem("s: d")),
        (
            .failed(source: "s", detail: "the sign-in is over; run `aws sso login`"),
            Problem("s: the sign-in is over", hint: "aws sso login --profile mine")
        ),
        (.ended(source: "env"), Problem("the credentials from env have ended", hint: "get new ones there")),
    ])
    func `a source that fails is named`(error: CredentialError, problem: Problem) {
        #expect(ChainWording.problem(error, profile: "mine") == problem)
    }

    @Test func `AWS out of reach is told from AWS's no`() {
        let fault = AWSError.transport(service: .sts, .timedOut)
        #expect(ChainWording.problem(fault, profile: nil).problem == "AWS can't be reached")
        #expect(ChainWording.problem(CancellationError(), profile: nil) == Problem("stopped"))
    }

    @Test(arguments: ["", "EU-WEST-1", "eu west", "eu-west-1;id", "$(id)", "a\n", String(repeating: "a", count: 33)])
    func `what is no region's name is refused`(text: String) {
        #expect(AWSRegion(text) == nil)
    }
}
