import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The built server writes the chain's heads into a log group itself, and what AWS's own tool then prints of it is what
/// `audit verify --anchor` reads; with moto as CloudWatch Logs.
@Suite(.enabled(if: Account.isThere), .serialized)
struct HeadLogTests {
    /// A stack, a database with ada in it, and the settings and rights of the stack's own server.
    private func withStack(_ body: (StackAccount, _ server: [String: String]) async throws -> Void) async throws {
        try await StackAccount.withMoto { account in
            let applied = try await account.aws("apply --yes")
            try #require(applied.isSuccess, "\(applied.errors)")
            var server = [
                "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": account.metadata, "BURSAR_DATABASE": account.home + "/db.sqlite",
                "BURSAR_HTTP_PORT": "0", "BURSAR_METRICS_PORT": "0", "BURSAR_LOG_FORMAT": "text",
            ]
            for line in applied.output.split(separator: "\n") where line.hasPrefix("BURSAR_") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                server[parts[0]] = parts[1]
            }
            for line in [
                "database init", "researchers add ada --name Ada --email ada@example.edu --project engines",
            ] {
                let words = line.split(separator: " ").map(String.init)
                let done = try await account.run(Checkout.program("admin"), words, server)
                try #require(done.isSuccess, "\(done.errors)")
            }
            try await body(account, server)
        }
    }

    /// Runs the server and stops it; what it logged at the end.
    private func serve(_ account: StackAccount, _ server: [String: String]) async throws -> [String] {
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in account.environment.merging(server, uniquingKeysWith: { $1 }) {
            changes[Environment.Key(stringLiteral: name)] = .some(value.isEmpty ? nil : value)
        }
        return try await ChildServer.run(
            .path(FilePath("/bin/sh")),
            ["-c", "exec \"$0\" serve 2>&1", Checkout.program("vending-server")],
            environment: changes,
            announcement: "http://127.0.0.1:"
        ) { running in
            running.stop()
            var lines: [String] = []
            for await line in running.lines { lines.append(line) }
            return lines
        }
    }

    @Test func `what the server wrote is found in what AWS's tool prints, and shows an edit`() async throws {
        try await withStack { account, server in
            let group = try #require(server["BURSAR_HEADS_LOG_GROUP"])
            let lines = try await serve(account, server)
            #expect(!lines.contains { $0.contains("can't be written") }, "\(lines)")
            // A second run writes into the stream that is there.
            _ = try await serve(account, server)
            let filtered = try await account.cli("logs filter-log-events --log-group-name \(group)")
            let stream = try #require(
                filtered.split(separator: "\"").first { $0.hasPrefix("chain/") }.map(String.init)
            )
            let got = try await account.cli("logs get-log-events --log-group-name \(group) --log-stream-name \(stream)")
            let text = try await account.cli("logs filter-log-events --output text --log-group-name \(group)")
            let admin = Checkout.program("admin")
            for (name, log) in [("filtered", filtered), ("got", got), ("text", text)] {
                let file = account.home + "/" + name
                try Data(log.utf8).write(to: URL(filePath: file))
                let words = ["audit", "verify", "--anchor", file]
                let verified = try await account.run(admin, words, server)
                #expect(
                    verified.exitCode == 0 && verified.output.contains("anchors  1 fit"),
                    "\(name): \(verified.errors)"
                )
            }
            // An intruder who rewrites the database can't rewrite that.
            let edit = """
                DROP TRIGGER records_stay; DROP TRIGGER records_remain;
                UPDATE records SET hash = zeroblob(32) WHERE sequence = 1;
                """
            let database = server["BURSAR_DATABASE"] ?? ""
            let edited = try await account.run(
                "/usr/bin/env",
                ["python3", "-c", OperatorHome.tampering, database, edit]
            )
            try #require(edited.isSuccess, "\(edited.errors)")
            let words = ["audit", "verify", "--anchor", account.home + "/filtered"]
            let verified = try await account.run(admin, words, server)
            #expect(verified.exitCode == 1, "\(verified.errors)")
            #expect(verified.errors.contains("another hash than the log says"), "\(verified.errors)")
        }
    }

    @Test(arguments: ["/no/such-group", "denied", "away"])
    func `where it can't be written the log has one line about it, and the server goes on`(fault: String) async throws {
        try await withStack { account, server in
            var server = server
            switch fault {
            case "denied": server.merge(account.clerk) { $1 }
            case "away": server["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] = "http://127.0.0.1:1"
            default: server["BURSAR_HEADS_LOG_GROUP"] = fault
            }
            let lines = try await serve(account, server)
            #expect(lines.count { $0.contains("heads of the chain can't be written") } == 1, "\(lines)")
            #expect(lines.contains { $0.contains(" stopped ") }, "\(lines)")
        }
    }

    @Test func `a setting that is no log group's name is refused by name`() async throws {
        let home = try OperatorHome()
        let program = Program(
            Checkout.program("vending-server"),
            environment: home.environment.merging(["BURSAR_ISSUER": "simulated", "BURSAR_HEADS_LOG_GROUP": "a b"]) {
                $1
            }
        )
        let outcome = try await program.run(["serve"])
        #expect(outcome.exitCode == 1 && outcome.errors.contains("BURSAR_HEADS_LOG_GROUP"), "\(outcome.errors)")
    }
}
