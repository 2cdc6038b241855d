import AWSAuth
import BursarConsole
import BursarHTTP
import Testing

@testable import creds

struct CredentialChainMessagesTests {
    @Test(arguments: [
        (
            CredentialError.notFound,
            UserFacingError(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        ),
        (.profileMissing("p"), UserFacingError("there is no AWS profile p", hint: "aws configure list-profiles")),
        (
            .incomplete(source: "env", missing: "AWS_SECRET_ACCESS_KEY"),
            UserFacingError("env: AWS_SECRET_ACCESS_KEY is missing")
        ),
        (.malformed(source: "f", detail: "line 3"), UserFacingError("f: line 3")),
        (
            .loop(["a", "b"]),
            UserFacingError(
                "these profiles lead back to each other: a, b",
                hint: "check credential_process and source_profile in ~/.aws/config"
            )
        ),
        (
            .loop(["a", "a"]),
            UserFacingError(
                "profile a asks for itself",
                hint: "check credential_process and source_profile in ~/.aws/config"
            )
        ),
        (.unsupported(source: "mfa_serial", hint: "h"), UserFacingError("mfa_serial is not supported", hint: "h")),
        (.failed(source: "s", detail: "d"), UserFacingError("s: d")),
        (
            .signedOut(source: "s", detail: "the sign-in is over"),
            UserFacingError("s: the sign-in is over", hint: "aws sso login --profile mine")
        ),
        (.ended(source: "env"), UserFacingError("the credentials from env have ended", hint: "get new ones there")),
    ])
    func `a source that fails is named`(error: CredentialError, problem: UserFacingError) {
        #expect(CredentialChainMessages.problem(error, profile: "mine") == problem)
    }

    @Test func `AWS out of reach differs from AWS's refusal`() {
        let fault = AWSError.transport(service: .sts, .unreachable(detail: ""))
        #expect(CredentialChainMessages.problem(fault, profile: nil).problem == "AWS can't be reached")
        let proxy = TransportError.Proxy(address: "…@proxy:3128", variable: "HTTPS_PROXY")
        let refused = AWSError.transport(service: .sts, .proxyRefused(status: 407, proxy: proxy))
        #expect(
            CredentialChainMessages.problem(refused, profile: nil)
                == UserFacingError(
                    "the proxy …@proxy:3128 refused (407): its user or password is missing or wrong",
                    hint: "export HTTPS_PROXY=http://USER:PASSWORD@proxy:3128"
                )
        )
        #expect(CredentialChainMessages.problem(CancellationError(), profile: nil) == UserFacingError("stopped"))
    }

    @Test func `what a variable says is shown with its name`() {
        let missing = CredentialChainMessages.problem(
            CredentialError.profileMissing("p"),
            profile: nil,
            ["AWS_PROFILE": "p"]
        )
        #expect(missing.problem == "there is no AWS profile p, which AWS_PROFILE names")
        let endpoint = EndpointError.malformedURL(setting: "AWS_ENDPOINT_URL_STS")
        let variables = ["AWS_ENDPOINT_URL_STS": "sts.example"]
        #expect(
            CredentialChainMessages.problem(endpoint, profile: nil, variables).problem
                == "AWS_ENDPOINT_URL_STS is not a URL: \"sts.example\""
        )
        let secret = ["AWS_ENDPOINT_URL_STS": "http://user:hush@x"]
        #expect(
            CredentialChainMessages.problem(endpoint, profile: nil, secret).problem
                == "AWS_ENDPOINT_URL_STS is not a URL"
        )
        #expect(
            AWSRegion.problem("us_east_1", ["AWS_DEFAULT_REGION": "us_east_1"])
                == #"AWS_DEFAULT_REGION is not the name of a region: "us_east_1""#
        )
    }

    @Test(arguments: ["", "EU-WEST-1", "eu west", "eu-west-1;id", "$(id)", "a\n", String(repeating: "a", count: 33)])
    func `what is no region's name is refused`(text: String) {
        #expect(throws: (any Error).self) { try AWSRegion(text) }
    }

    @Test(arguments: [("us-iso-east-1", "aws-iso"), ("eu-isoe-west-1", "aws-iso-e")])
    func `a region of an isolated partition is refused by its name`(region: String, partition: String) throws {
        let problem = try #require(throws: UserFacingError.self) { try AWSRegion.reading(region, [:], hint: "another") }
        #expect(problem.problem.contains(partition) && problem.hint?.contains("aws-eusc") == true)
        let other = try #require(throws: UserFacingError.self) { try AWSRegion.reading("mars-1", [:], hint: "another") }
        #expect(other.hint == "another")
        #expect(try AWSRegion.reading("eusc-de-east-1", [:], hint: "").description == "eusc-de-east-1")
    }
}
