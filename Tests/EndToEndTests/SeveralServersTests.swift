import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Three servers behind nginx, on one primary with a synchronous standby, and researchers with the real AWS CLI.
@Suite(.enabled(if: Nginx.isInstalled, "Debian's package nginx-light has it"))
struct SeveralServersTests {
    private let home: PostgresHome
    private let primary: PostgresCluster
    private let standby: PostgresCluster
    private let endpoint: PostgresEndpoint
    private var world: World { home.world }

    init() async throws {
        primary = try await PostgresCluster.start()
        endpoint = try PostgresEndpoint(leadingTo: primary)
        home = try await PostgresHome(on: primary, through: endpoint)
        standby = try await primary.startStandby()
        try await primary.waitForStandby(inCommits: true)
    }

    /// Runs `body` with three servers that terminate TLS.
    private func serveThrice(_ aws: [String: String], body: ([ChildServer]) async throws -> Void) async throws {
        let folder = world.home
        try await succeeded(
            world.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=bursar", "-addext", "subjectAltName=DNS:bursar.example.edu,IP:127.0.0.1", "-keyout",
                    folder + "/servers.key", "-out", folder + "/servers.pem",
                ]
            )
        )
        let settings = home.unlimitedSettings.merging(aws) { $1 }.merging([
            "BURSAR_ISSUER": "sts", "BURSAR_TLS_CERTIFICATE": folder + "/servers.pem",
            "BURSAR_TLS_KEY": folder + "/servers.key", "BURSAR_TRUSTED_PROXIES": Nginx.ownAddress + "/32",
        ]) { $1 }
        func serve(_ servers: [ChildServer]) async throws {
            guard servers.count < 3 else { return try await body(servers) }
            try await world.serve(settings, announcement: "https://127.0.0.1:") { try await serve(servers + [$0]) }
        }
        try await serve([])
    }

    /// The code of a refusal by a server itself, which a client at 127.0.0.9 gets; nil for credentials.
    private func refusal(of server: ChildServer, _ key: ResearcherKey) async throws -> String? {
        try await refusal("https://127.0.0.1:\(server.port)", trusting: world.home + "/servers.pem", key)
    }

    private func refusal(_ url: String, trusting certificate: String, _ key: ResearcherKey) async throws -> String? {
        let arguments = ["-sS", "-m", "60", "--interface", "127.0.0.9", "-H", "@-", "--cacert", certificate]
        let input = "x-api-key: \(key.text.reveal())\n"
        let outcome = try await world.run("/usr/bin/curl", arguments + [url + "/credentials"], input: input)
        return try? JSONDecoder().decode(ErrorResponse.self, from: Data(succeeded(outcome).output.utf8)).error
    }

    private func number(_ sql: String, on cluster: PostgresCluster) async throws -> Int? {
        Int(try await cluster.sql(sql, database: home.database))
    }

    @Test func `three servers share quotas and revocations, and outlive a server's and the primary's sudden end`()
        async throws
    {
        let (limited, busy) = (try await home.issueKey("--daily-limit 10"), try await home.issueKey())
        let personal = try await home.issueKey()
        try await world.withMoto { aws in
            try await serveThrice(aws) { servers in
                try await Nginx.run(world, inFrontOfSeveral: servers.map(\.port), trusting: "servers.pem") { url in
                    let trust = Nginx.certificate(world)
                    // The researcher's first credentials, used with the AWS CLI.
                    let client = [
                        "SSL_CERT_FILE": trust, "AWS_DEFAULT_REGION": "us-east-1",
                        "AWS_ENDPOINT_URL": try #require(aws["AWS_ENDPOINT_URL"]),
                    ]
                    let creds = Checkout.program("creds")
                    let input = personal.text.reveal()
                    try await succeeded(world.run(creds, ["install", "--url", url], client, input: input))
                    let whoAmI = words("sts get-caller-identity --profile temp-bedrock --output text --query Arn")
                    let first = try await succeeded(world.peer("aws", whoAmI, client)).output
                    #expect(first == "arn:aws:sts::123456789012:assumed-role/bedrock/ada+\(personal.id)\n")

                    // The quota counts across all three.
                    let codes = try await withThrowingTaskGroup(of: String?.self) { group in
                        for _ in 0..<20 { group.addTask { try await refusal(url, trusting: trust, limited) } }
                        return try await group.reduce(into: [:]) { $0[$1 ?? "none", default: 0] += 1 }
                    }
                    #expect(codes == ["none": 10, "quota_exhausted": 10])

                    // Each server refuses while vending is paused, and nginx takes none of them for dead.
                    try await succeeded(home.admin("vending pause --yes"))
                    for server in servers {
                        try await Waiting.until("the pause") { try await refusal(of: server, busy) == "paused" }
                    }
                    for _ in 0..<6 { #expect(try await refusal(url, trusting: trust, busy) == "paused") }
                    #expect(try await succeeded(world.run(creds, ["whoami"], client)).output.contains("ada"))
                    try await succeeded(home.admin("vending resume"))
                    for server in servers {
                        try await Waiting.until("vends again") { try await refusal(of: server, busy) == nil }
                    }

                    try await Load.run(world, url, trusting: trust, keys: [busy]) { load in
                        try await load.waitForVends(20)
                        kill(servers[2].processID.value, SIGKILL)
                        try await load.waitForVends(20)

                        let start = ContinuousClock.now
                        try await primary.kill()
                        try await standby.promote()
                        try endpoint.lead(to: standby)
                        try await load.waitForVends(20)
                        print("the first 20 vends after the primary's end took \(ContinuousClock.now - start)")
                        for server in servers[..<2] {
                            try await Waiting.until("vends of each server") {
                                try await refusal(of: server, busy) == nil
                            }
                        }

                        try await succeeded(world.run(creds, ["refresh"], client))
                        #expect(try await succeeded(world.peer("aws", whoAmI, client)).output == first)
                        for server in servers[..<2] {
                            #expect(try await refusal(of: server, limited) == "quota_exhausted")
                        }

                        try await succeeded(home.admin("keys revoke \(busy.id) --reason lost --yes"))
                        let revoked = ContinuousClock.now
                        for server in servers[..<2] {
                            try await Waiting.until("the revocation at each server") {
                                try await refusal(of: server, busy) == "key_revoked"
                            }
                        }
                        print("a revoked key was refused everywhere after \(ContinuousClock.now - revoked)")
                        let answers = load.answers
                        #expect(
                            Set(answers.others.keys.map { $0.prefix(3) }).isSubset(of: ["503", "401"]),
                            "\(answers.others)"
                        )
                        print("answers besides \(answers.acknowledged.count) vends: \(answers.others)")
                        let rows = try await standby.sql(
                            "SELECT address FROM bursar.records WHERE kind = 'vend' AND key_id = '\(busy.id)'",
                            database: home.database
                        )
                        let recorded = Set(rows.split(separator: "\n").map(String.init))
                        #expect(answers.acknowledged.subtracting(recorded) == [])
                    }
                }
            }
        }
        let after =
            "SELECT count(*) FROM bursar.records WHERE kind = 'vend' AND key_id = '\(busy.id)' AND sequence > "
            + "(SELECT sequence FROM bursar.records WHERE kind = 'key_revoked')"
        #expect(try await number(after, on: standby) == 0)
        let quota = "SELECT count(*) FROM bursar.records WHERE kind = 'vend' AND key_id = '\(limited.id)'"
        #expect(try await number(quota, on: standby) == 10)
        try await succeeded(home.admin("audit verify"))
        try await succeeded(home.admin("database check"))
    }
}

/// `Peers/load.py`, and what it got.
private final class Load: Sendable {
    private let state = Mutex((acknowledged: Set<String>(), others: [String: Int]()))

    /// The addresses from which requests got credentials, and the number of other answers by status and code.
    var answers: (acknowledged: Set<String>, others: [String: Int]) { state.withLock { $0 } }

    static func run(
        _ world: World,
        _ url: String,
        trusting certificate: String,
        keys: [ResearcherKey],
        body: (Load) async throws -> Void
    ) async throws {
        let file = world.home + "/load-keys"
        try Data(keys.map { $0.text.reveal() }.joined(separator: "\n").utf8).write(to: URL(filePath: file))
        let script = Checkout.root + "Tests/EndToEndTests/Peers/load.py"
        let line = #"exec "$0" "$1" "$2" "$3" 4 < "$4""#
        try await ChildServer.run(
            .path(FilePath("/bin/sh")),
            ["-c", line, Checkout.peer("python"), script, url, certificate, file]
        ) { child in
            let load = Load()
            let reading = Task { for await line in child.lines { load.note(line) } }
            try await body(load)
            child.stop()
            await reading.value
        }
    }

    private func note(_ line: String) {
        state.withLock { state in
            if line.hasPrefix("200 ") {
                state.acknowledged.insert(String(line.dropFirst(4)))
            } else {
                state.others[line, default: 0] += 1
            }
        }
    }

    /// Waits for `count` vends from now on.
    func waitForVends(_ count: Int) async throws {
        let goal = answers.acknowledged.count + count
        try await Waiting.until("\(goal) vends") { answers.acknowledged.count >= goal }
    }
}
