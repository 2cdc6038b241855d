import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// From an empty AWS account to a vended credential, by the commands that the operator guide shows.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Checkout.peer("python"))))
struct FirstVendTests {
    private struct Key: Decodable {
        let id: String
        let secret: String

        var variables: [String: String] { ["AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret] }
    }

    private struct Terms: Decodable {
        let `operator`: Key
        let metadata: String
    }

    private struct VendResult: Decodable {
        let accessKeyID: String

        enum CodingKeys: String, CodingKey {
            case accessKeyID = "AccessKeyId"
        }
    }

    @Test func `five commands and a server lead from an empty account to credentials`() async throws {
        let world = try World()
        let script = Checkout.root + "Tests/AdminTests/Peers/moto_stack.py"
        try await ChildServer.run(.path(FilePath(Checkout.peer("python"))), [script]) { moto in
            var lines = moto.lines.makeAsyncIterator()
            let terms = try JSONDecoder().decode(Terms.self, from: Data(try #require(await lines.next()).utf8))
            let aws = ["AWS_ENDPOINT_URL": moto.url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"]
            let own = aws.merging(terms.operator.variables) { $1 }
            let start = ContinuousClock.now
            let settings = world.home + "/bursar.yaml"
            var commands = 0
            func step(_ outcome: Program.Outcome) throws -> Program.Outcome {
                commands += 1
                return try succeeded(outcome)
            }

            // One command in the account, three on the server's machine; the fifth is the researcher's.
            _ = try step(
                try await world.run(
                    Checkout.program("admin"),
                    ["aws", "apply", "--yes", "--account", "123456789012", "--format", "yaml", "--output", settings],
                    own
                )
            )
            _ = try step(try await world.admin("database init"))
            _ = try step(try await world.addResearcher("ada"))
            let key = try ResearcherKey(parsing: try step(try await world.admin("keys issue ada")).output)

            #expect(commands == 4)

            let instance = ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": terms.metadata]
            try await world.serve(aws.merging(instance) { $1 }, arguments: ["serve", "--config", settings]) {
                server in
                let answer = try await world.get(server.url + "/credentials", key: key.text)
                #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
                let vended = try JSONDecoder().decode(VendResult.self, from: answer.body)
                #expect(vended.accessKeyID.hasPrefix("ASIA"))
                print("from an empty account to a vended credential: \(ContinuousClock.now - start)")
            }
        }
    }
}
