import AWSTestSupport
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

struct EndpointTests {
    func url(_ service: AWSService, _ region: String, _ environment: [String: String] = [:]) throws -> String {
        try EndpointResolver(environment: environment).endpoint(for: service, region: region).url
    }

    @Test(arguments: [
        ("us-east-1", "https://sts.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu"),
    ])
    func `each partition has its own domain`(region: String, expected: String) throws {
        #expect(try url(.sts, region) == expected)
    }

    /// `[name, region, fips, dual stack, url]`.
    private struct Row: Decodable {
        let service: String
        let region: String
        let usesFIPS: Bool
        let usesDualStack: Bool
        let url: String?

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            service = try row.decode(String.self)
            region = try row.decode(String.self)
            usesFIPS = try row.decode(Bool.self)
            usesDualStack = try row.decode(Bool.self)
            url = try row.decodeIfPresent(String.self)
        }
    }

    @Test(.enabled(if: Peer.isThere))
    func `every service's endpoint is botocore's, in every partition and variant`() async throws {
        let rows = try JSONDecoder().decode([Row].self, from: try await Peer.run("botocore_endpoints.py"))
        try #require(rows.count == AWSService.allCases.count * 9 * 4)
        for row in rows {
            let environment = [
                "AWS_USE_FIPS_ENDPOINT": "\(row.usesFIPS)", "AWS_USE_DUALSTACK_ENDPOINT": "\(row.usesDualStack)",
            ]
            let service = try #require(AWSService(rawValue: row.service))
            #expect(try url(service, row.region, environment) == row.url, "\(row)")
        }
    }

    @Test func `the service's own override beats the general one`() throws {
        let environment = [
            "AWS_ENDPOINT_URL": "https://all.example/", "AWS_ENDPOINT_URL_STS": "https://sts.example:8443/a/",
        ]
        #expect(try url(.sts, "us-east-1", environment) == "https://sts.example:8443/a")
        #expect(try url(.bedrock, "us-east-1", environment) == "https://all.example")
    }

    @Test func `the environment comes first, then the profile's services, then its own endpoint`() throws {
        let folder = try TemporaryFolder()
        let config = folder.path.appending("config").string
        let text = """
            [default]
            endpoint_url = https://profile.example
            services = mine
            [services mine]
            sts =
              endpoint_url = https://sts.profile.example
            bedrock_runtime =
              endpoint_url = https://runtime.profile.example
            [profile fips]
            use_fips_endpoint = true
            [profile off]
            endpoint_url = https://profile.example
            ignore_configured_endpoint_urls = true
            """
        try TemporaryFolder.write(text, to: config)
        func url(_ service: AWSService, _ more: [String: String] = [:], profile: String? = nil) throws -> String {
            let environment = ["AWS_CONFIG_FILE": config].merging(more) { $1 }
            return try EndpointResolver(environment: environment, profileNamed: profile)
                .endpoint(for: service, region: "us-east-1").url
        }
        #expect(try url(.sts) == "https://sts.profile.example")
        #expect(try url(.bedrockRuntime) == "https://runtime.profile.example")
        #expect(try url(.bedrock) == "https://profile.example")
        #expect(try url(.sts, ["AWS_ENDPOINT_URL": "https://env.example"]) == "https://env.example")
        #expect(try url(.sts, ["AWS_ENDPOINT_URL_STS": "https://sts.env.example"]) == "https://sts.env.example")
        #expect(try url(.sts, profile: "fips") == "https://sts-fips.us-east-1.amazonaws.com")
        #expect(try url(.sts, profile: "off") == "https://sts.us-east-1.amazonaws.com")
        #expect(throws: CredentialError.profileMissing("nobody")) { try url(.sts, profile: "nobody") }
    }

    @Test func `configured endpoints can be ignored`() throws {
        let environment = ["AWS_ENDPOINT_URL": "https://a.example", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"]
        #expect(try url(.sts, "us-east-1", environment) == "https://sts.us-east-1.amazonaws.com")
    }

    @Test(arguments: ["http://localhost:5000", "http://127.0.0.1:5000", "http://127.9.9.9", "http://[::1]:5000"])
    func `plain http is taken to this machine`(override: String) throws {
        #expect(try url(.sts, "us-east-1", ["AWS_ENDPOINT_URL": override]) == override)
    }

    @Test(arguments: [
        "http://10.0.0.1", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://169.254.169.254",
    ])
    func `plain http is refused to any other`(override: String) throws {
        #expect(throws: EndpointError.plainHTTP(setting: "AWS_ENDPOINT_URL")) {
            try url(.sts, "us-east-1", ["AWS_ENDPOINT_URL": override])
        }
    }

    @Test(arguments: [
        "example.com", "ftp://example.com", "https://", "https://a@b.example", "https://a.example/?b",
        "https://a.example#b",
        "https://a.example:99999", "https://a.example:x", "https://a b.example", "http://127.0.0.1\\@evil.example",
    ])
    func `an override that isn't a plain URL is refused`(override: String) throws {
        #expect(throws: EndpointError.malformedURL(setting: "AWS_ENDPOINT_URL_STS")) {
            try url(.sts, "us-east-1", ["AWS_ENDPOINT_URL_STS": override])
        }
    }

    @Test(arguments: ["", "a.b", "evil.example/", "-a", "a-", "123", "ü", String(repeating: "a", count: 64)])
    func `what isn't a region never becomes part of a host`(region: String) throws {
        #expect(throws: EndpointError.malformedRegion) { try url(.sts, region) }
    }

    /// IAM is signed for one region of each partition.
    @Test(arguments: [
        ("eu-west-1", "us-east-1"), ("us-gov-east-1", "us-gov-west-1"), ("cn-northwest-1", "cn-north-1"),
        ("eusc-de-east-1", "eusc-de-east-1"),
    ])
    func `IAM is signed for its partition's home`(region: String, home: String) throws {
        let endpoint = try EndpointResolver(environment: [:]).endpoint(for: .iam, region: region)
        #expect(endpoint.signingRegion == home)
    }
}
