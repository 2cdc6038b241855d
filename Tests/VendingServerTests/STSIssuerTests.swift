import AWSAuth
import BursarFoundation
import BursarHTTP
import BursarModel
import Logging
import ServerSettings
import Subprocess
import Synchronization
import TestSupport
import Testing
import Vending

@testable import vending_server

/// The server's requests to STS, on the wire.
@Suite struct STSIssuerTests {
    private static let role = Settings.STSRole(
        arn: "arn:aws:iam::123456789012:role/bedrock",
        region: "us-east-1",
        partition: .aws,
        externalID: "outside"
    )

    /// A request for a session, some time after the first.
    private struct Asked {
        let key: KeyRecord
        let duration: SessionDuration
        var later: TimeInterval = 0
    }

    /// Issues to `key` once per duration, and returns the forms that STS received.
    private func asked(
        _ role: Settings.STSRole,
        for key: KeyRecord,
        durations: [SessionDuration] = [.oneHour],
        until end: Date? = nil
    ) async throws -> [[String: String]] {
        try await asked(role, durations.map { Asked(key: key, duration: $0) }, until: end)
    }

    private func asked(
        _ role: Settings.STSRole,
        _ sessions: [Asked],
        until end: Date? = nil
    ) async throws -> [[String: String]] {
        let clock = Mutex(Date())
        let script = Checkout.root + "Tests/VendingServerTests/Peers/checked_sts.py"
        let forms = Mutex<[[String: String]]>([])
        try await ChildServer.run(.name("python3"), [script, "0"]) { sts in
            let issuer = try await STSIssuer(
                role: role,
                environment: [
                    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                    "AWS_ENDPOINT_URL_STS": sts.url,
                ],
                transport: HTTPTransport(environment: [:]),
                logger: Logger(label: "test"),
                now: { clock.withLock { $0 } }
            )
            let start = clock.withLock { $0 }
            for session in sessions {
                clock.withLock { $0 = start.addingTimeInterval(session.later) }
                _ = try await issuer.issue(IssueRequest(to: session.key, duration: session.duration, notAfter: end))
            }
            sts.stop()
            for await line in sts.lines {
                let form = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                forms.withLock { $0.append(form) }
            }
        }
        return forms.withLock { $0 }
    }

    private func key(
        of handle: String = "ada",
        project: String = "engines",
        _ terms: KeyRestrictions = KeyRestrictions(),
        hasNamesake: Bool = false
    ) throws -> KeyRecord {
        var random = SystemRandomNumberGenerator()
        let cheap = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        return KeyRecord(
            id: try #require(KeyID("7c3kq9x2mzpa")),
            owner: ResearcherStatus(handle: try #require(Handle(handle))),
            project: project,
            hash: try PasswordHash(of: Secret("x"), parameters: cheap, using: &random),
            expires: .distantFuture,
            revoked: nil,
            terms: terms,
            hasNamesake: hasNamesake,
            version: 1
        )
    }

    @Test func `a session is named for its researcher and key, and carries nothing that wasn't asked for`() async throws
    {
        let form = try #require(try await asked(Self.role, for: key()).first)
        #expect(
            form == [
                "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": Self.role.arn,
                "RoleSessionName": "ada+7c3kq9x2mzpa", "DurationSeconds": "3600", "ExternalId": "outside",
            ]
        )
    }

    @Test func `a session goes by the handle alone where the setting says so, or the key's name can't be had`()
        async throws
    {
        var role = Self.role
        let long = String(repeating: "x", count: SessionName.longestHandle)
        func name(_ key: KeyRecord) async throws -> String? {
            try await asked(role, for: key).first?["RoleSessionName"]
        }
        #expect(try await name(key(of: long)) == long + "+7c3kq9x2mzpa")
        #expect(try await name(key(of: long + "x")) == long + "x")
        #expect(try await name(key(hasNamesake: true)) == "ada")
        role.sessionName = .handle
        #expect(try await name(key()) == "ada")
    }

    @Test func `tags and SourceIdentity are set when they are switched on`() async throws {
        var role = Self.role
        role.tagsSessions = true
        role.setsSourceIdentity = true
        let form = try #require(try await asked(role, for: key(project: "café <1>")).first)
        #expect(form["SourceIdentity"] == "ada")
        let tags = (1...3).map { (form["Tags.member.\($0).Key"], form["Tags.member.\($0).Value"]) }
        #expect(tags.map(\.0) == ["researcher", "project", "key"])
        #expect(tags.map(\.1) == ["ada", "café _1_", "7c3kq9x2mzpa"])
    }

    @Test func `a project has its own role`() async throws {
        var role = Self.role
        role.projects = ["secret": "arn:aws:iam::210987654321:role/other"]
        #expect(try await asked(role, for: key(project: "secret")).first?["RoleArn"]?.hasSuffix("role/other") == true)
        #expect(try await asked(role, for: key()).first?["RoleArn"] == Self.role.arn)
    }

    @Test func `the models of a key narrow its sessions, which may still list and use bearer tokens`() async throws {
        let terms = KeyRestrictions(models: ModelList("anthropic.claude-*,meta.llama3-8b-instruct-v1:0"))
        let form = try #require(try await asked(Self.role, for: key(terms)).first)
        let policy = try #require(form["Policy"])
        #expect(
            policy == #"{"Statement":[{"Action":["bedrock:CallWithBearerToken","#
                + #""bedrock:ListFoundationModels","bedrock:ListInferenceProfiles","bedrock:GetInferenceProfile","#
                + #""bedrock:CountTokens"],"#
                + #""Effect":"Allow","Resource":["*"]},{"Action":["bedrock:InvokeModel","#
                + #""bedrock:InvokeModelWithResponseStream"],"Effect":"Allow","Resource":["#
                + #""arn:aws:bedrock:*:*:inference-profile/*","arn:aws:bedrock:*:*:application-inference-profile/*","#
                + #""arn:aws:bedrock:*:*:project/default","#
                + #""arn:aws:bedrock:*::foundation-model/anthropic.claude-*","#
                + #""arn:aws:bedrock:*::foundation-model/meta.llama3-8b-instruct-v1:0"]}],"Version":"2012-10-17"}"#
        )
    }

    @Test func `a session is pinned to the key's addresses when that is on and all are public`() async throws {
        var role = Self.role
        let open = KeyRestrictions(allowed: try AddressList(parsing: "156.68.128.0/22"))
        #expect(try await asked(role, for: key(open)).first?["Policy"] == nil)
        role.pinsAddresses = true
        let pinned = try #require(try await asked(role, for: key(open)).first?["Policy"])
        #expect(pinned.contains(#"{"NotIpAddress":{"aws:SourceIp":["156.68.128.0/22"]}}"#))
        let mixed = KeyRestrictions(allowed: try AddressList(parsing: "156.68.128.0/22,10.0.0.0/8"))
        #expect(try await asked(role, for: key(mixed)).first?["Policy"] == nil)
        #expect(try await asked(role, for: key()).first?["Policy"] == nil)
    }

    @Test func `a key's end before the shortest session's is in the policy`() async throws {
        let end = Date(timeIntervalSince1970: 1_900_000_000)
        let policy = try #require(try await asked(Self.role, for: key(), until: end).first?["Policy"])
        #expect(policy.contains(#"{"DateGreaterThanEquals":{"aws:CurrentTime":["2030-03-17T17:46:40Z"]}}"#))
        #expect(policy.contains(#"{"Action":["*"],"Effect":"Allow","Resource":["*"]}"#))
    }

    @Test func `a request to STS and its retry end before deployed helpers give up`() {
        #expect(SessionRequest.retries.deadline + SessionRequest.limits.total < .seconds(5))
    }

    @Test func `sessions that STS finds too long are asked for at an hour, from then on at once`() async throws {
        let long = try #require(SessionDuration("4h"))
        let forms = try await asked(Self.role, for: key(), durations: [long, long, .oneHour])
        #expect(forms.map { $0["DurationSeconds"] } == ["14400", "3600", "3600", "3600"])
    }

    @Test func `a role whose sessions are too long shortens those of no other, and is asked again after an hour`()
        async throws
    {
        var role = Self.role
        role.projects = ["secret": "arn:aws:iam::123456789012:role/other"]
        let long = try #require(SessionDuration("4h"))
        let (own, other) = (try key(), try key(project: "secret"))
        let forms = try await asked(
            role,
            [
                Asked(key: own, duration: long), Asked(key: other, duration: long),
                Asked(key: own, duration: long, later: 3599), Asked(key: own, duration: long, later: 3600),
            ]
        )
        let asked = forms.map { "\($0["RoleArn"]?.split(separator: "/").last ?? "") \($0["DurationSeconds"] ?? "")" }
        #expect(
            asked == [
                "bedrock 14400", "bedrock 3600", "other 14400", "other 3600", "bedrock 3600", "bedrock 14400",
                "bedrock 3600",
            ]
        )
    }
}
