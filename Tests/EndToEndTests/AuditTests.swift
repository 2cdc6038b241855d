import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The record of a real server, compared with its own log and with the sessions that moto's STS issued.
@Suite struct AuditTests {
    /// The complete log of a server, until its end.
    private func log(of world: World, _ settings: [String: String], _ key: ResearcherKey) async throws -> String {
        try await world.serve(settings) { server in
            for _ in 0..<3 {
                let answer = try await world.get("\(server.url)/credentials", key: key.text)
                #expect(answer.status == 200)
            }
            server.stop()
            var lines: [String] = []
            for await line in server.lines { lines.append(line) }
            return lines.joined(separator: "\n")
        }
    }

    private func write(_ log: String, to world: World) throws -> String {
        let path = world.home + "/server.log"
        try Data(log.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `the head that a server logs holds its records, and misses them when they are gone`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let log = try await log(of: world, ["BURSAR_ISSUER": "simulated"], key)
        #expect(log.contains(" chain "))
        let path = try write(log, to: world)
        let intact = try await world.admin("audit verify --anchor", path)
        #expect(intact.isSuccess, "\(intact.errors)")
        #expect(intact.output.contains("anchors  1 fit"))
        try await world.edit("DELETE FROM records WHERE sequence = (SELECT max(sequence) FROM records)")
        #expect(try await world.admin("audit verify").isSuccess)
        let cut = try await world.admin("audit verify --anchor", path)
        #expect(cut.exitCode == 1)
        #expect(cut.errors.contains("records were cut off"))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: Checkout.peer("moto_server"))))
    func `what STS issued is what the record says`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMoto { settings in
            _ = try await log(of: world, settings, key)
            let role = try #require(settings["BURSAR_ROLE_ARN"])
            let listed = try await succeeded(world.admin("audit list --kind vend --limit 1 --format json")).output
            let vend = try #require(try JSONDecoder().decode(Vends.self, from: Data(listed.utf8)).rows.first)
            let events = """
                {"Records":[{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","eventTime":"\(vend.time)",\
                "userIdentity":{"arn":"arn:aws:iam::123456789012:user/vending-server"},\
                "requestParameters":{"roleArn":"\(role)","roleSessionName":"ada+\(key.id)"},\
                "responseElements":{"credentials":{"accessKeyId":"\(vend.accessKeyID)"}}}]}
                """
            let arguments = ["audit", "reconcile", "-", "--role", role]
            let outcome = try await world.run(Checkout.program("admin"), arguments, input: events)
            #expect(outcome.isSuccess, "\(outcome.errors)")
            #expect(outcome.errors.contains("1 session on both sides, 3 vends"))
        }
    }

    private struct Vends: Decodable {
        let rows: [Vend]
    }

    private struct Vend: Decodable {
        let time: String
        let accessKeyID: String
    }
}
