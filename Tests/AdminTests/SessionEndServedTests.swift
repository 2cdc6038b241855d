import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Sessions ended by `admin` while the built server hands them out, with moto as AWS.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SessionEndServedTests {
    @Test func `the next vend is a new session, and the role denies every one that was vended before`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let key = try ResearcherKey(parsing: try await account.admin("keys issue ada --quiet").output)
            try await account.serve { url in
                let first = try await account.vended(url, key)
                let vended = Date()
                #expect(try await account.vended(url, key) == first)
                let ended = try await account.admin("sessions end ada --yes", changes: Account.role)
                try #require(ended.exitCode == 0, "\(ended.errors)")
                #expect(ended.errors.contains("waiting 13 s for requests to STS"))
                #expect(ended.errors.contains("when the newest ends by itself"))
                let denies = try await account.admin("sessions denies --format json", changes: Account.role)
                let deny = try #require(try decoded(denies.output, as: [Deny].self).first)
                let before = try Date(deny.before, strategy: .iso8601)
                #expect(before > vended)
                var next: String?
                try await Waiting.until("the next session") {
                    next = try await account.vended(url, key)
                    return next != nil
                }
                #expect(next != first)
                // Nothing was issued until AWS's clock had come to the moment.
                #expect(Date() >= before)
                #expect(try await account.admin("sessions list --format json").output.contains("\"endedBefore\""))
            }
            let ended = "(SELECT sequence FROM records WHERE kind = 'sessions_ended')"
            let between =
                "SELECT count(*) FROM records JOIN researchers ON researcher = handle WHERE kind = 'vend' "
                + "AND sequence > \(ended) AND occurred_at < sessions_valid_from"
            #expect(try await account.column(between) == "0")
            #expect(try await account.admin("audit verify").exitCode == 0)
        }
    }

    @Test func `a session's ARN ends in the researcher and the key, and one key's end names no other`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let (lost, kept) = (try await account.newKey(), try await account.newKey())
            try await account.serve { url in
                for key in [lost, kept] {
                    let session = try #require(try await account.session(url, key))
                    let words = ["sts", "get-caller-identity", "--query", "Arn"]
                    let caller = try await account.run(Checkout.peer("aws"), words, session.environment)
                    #expect(caller.output.trimmingASCIIWhitespace().hasSuffix("/bedrock/ada+\(key.id)"), "\(caller)")
                }
                let revoking = "keys revoke \(lost.id) --reason lost --end-sessions --yes"
                let ended = try await account.admin(revoking, changes: Account.role)
                #expect(ended.exitCode == 0, "\(ended.errors)")
                let policy = try await account.iam(
                    "get-role-policy --role-name bedrock --output json --policy-name bursar-end-ada"
                )
                #expect(policy.contains("\"*:ada+\(lost.id)\"") && !policy.contains("\(kept.id)"), "\(policy)")
                #expect(!policy.contains("\"*:ada\""))
                #expect(try await account.session(url, kept) != nil)
                // All of them: each key that vended is named, the revoked one too.
                #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
                let all = try await account.iam(
                    "get-role-policy --role-name bedrock --output json --policy-name bursar-end-ada"
                )
                for name in ["ada", "ada+\(lost.id)", "ada+\(kept.id)"] {
                    #expect(all.contains("\"*:\(name)\""), "\(all)")
                }
            }
        }
    }
}

extension Account {
    /// Runs `body` with the built server on this account's role.
    func serve(_ body: (_ url: String) async throws -> Void) async throws {
        let own = [
            "BURSAR_HTTP_PORT": "0", "BURSAR_METRICS_PORT": "0", "BURSAR_LOG_FORMAT": "text",
        ]
        let settings = environment.merging(Self.role) { $1 }.merging(own) { $1 }
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in settings { changes[Environment.Key(stringLiteral: name)] = value }
        try await ChildServer.run(
            .path(FilePath("/bin/sh")),
            ["-c", "exec \"$0\" serve 2>&1", Checkout.program("vending-server")],
            environment: changes,
            announcement: "http://127.0.0.1:"
        ) { server in
            try await body(server.url)
        }
    }

    /// A new key of ada's.
    fileprivate func newKey() async throws -> ResearcherKey {
        try ResearcherKey(parsing: try await admin("keys issue ada --quiet").output)
    }

    /// The access key id of what the server hands out; nil when it hands out nothing.
    fileprivate func vended(_ url: String, _ key: ResearcherKey) async throws -> String? {
        try await session(url, key)?.id
    }

    /// The credentials that the server hands out; nil when there are none.
    fileprivate func session(_ url: String, _ key: ResearcherKey) async throws -> VendedCredentials? {
        let curl = Program("/usr/bin/env", environment: environment)
        let words = ["curl", "-s", "-H", "@-", url + "/credentials"]
        let answer = try await curl.run(words, input: "x-api-key: \(key.text.reveal())\n")
        return try? decoded(answer.output, as: VendedCredentials.self)
    }
}

private struct VendedCredentials: Decodable {
    let id: String
    let secret: String
    let token: String

    private enum CodingKeys: String, CodingKey {
        case id = "AccessKeyId"
        case secret = "SecretAccessKey"
        case token = "SessionToken"
    }

    var environment: [String: String] {
        ["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token]
    }
}
