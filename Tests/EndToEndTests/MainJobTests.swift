import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The main job with real peers: moto checks signatures, the AWS CLI and boto3 are the clients.
@Suite struct MainJobTests {
    private static let boto3 = """
        import boto3
        sts = boto3.Session(profile_name="temp-bedrock").client("sts", region_name="us-east-1")
        print(sts.get_caller_identity()["Arn"])
        """

    @Test func `from key to usage report, with the real AWS CLI and boto3`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMoto { aws in
            try await world.serve(aws) { server in
                let installed = try await world.creds("install --url \(server.url)", input: key.text.reveal())
                try succeeded(installed)
                #expect(installed.errors.contains("aws sts get-caller-identity --profile temp-bedrock"))
                let endpoint = ["AWS_ENDPOINT_URL": try #require(aws["AWS_ENDPOINT_URL"])]
                let region = ["AWS_DEFAULT_REGION": "us-east-1"].merging(endpoint) { $1 }

                let whoAmI = words("sts get-caller-identity --profile temp-bedrock --output text --query Arn")
                let cli = try await world.peer("aws", whoAmI, region)
                try succeeded(cli)
                #expect(cli.output == "arn:aws:sts::123456789012:assumed-role/bedrock/ada+\(key.id)\n")

                let boto3 = try await world.peer("python", ["-c", Self.boto3], endpoint)
                try succeeded(boto3)
                #expect(boto3.output == cli.output)

                let whoami = try await world.creds("whoami")
                try succeeded(whoami)
                #expect(whoami.output.contains("ada"))
                let printed = whoami.output + whoami.errors + installed.output + installed.errors
                #expect(!printed.contains(key.text.reveal()))
            }
        }
        let report = try await succeeded(world.admin("usage report --by researcher --format json"))
        let rows = try JSONDecoder().decode(Report.self, from: Data(report.output.utf8)).rows
        // The second client was served from creds' cache, so there was one vend.
        #expect(rows == [Usage(researcher: "ada", project: "engines", keysUsed: 1, vends: 1)])

        try await succeeded(world.creds("uninstall --yes"))
        let config = try? String(contentsOfFile: world.home + "/.aws/config", encoding: .utf8)
        #expect(config?.contains("temp-bedrock") != true)
    }

    private struct Report: Decodable {
        let rows: [Usage]
    }

    private struct Usage: Decodable, Equatable {
        let researcher: String
        let project: String
        let keysUsed: Int
        let vends: Int
    }

    @Test func `AWS refuses a wrong signature, and the caller learns no more than that`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMoto { aws in
            let wrong = aws.merging(["AWS_SECRET_ACCESS_KEY": "wrong"]) { $1 }
            try await world.serve(wrong) { server in
                let answer = try await world.get(server.url + "/credentials", key: key.text)
                #expect(answer.status == 502)
                #expect(String(decoding: answer.body, as: UTF8.self).contains(#""error":"role_refused""#))
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("Signature"))
                #expect(await server.lines.first { $0.contains("SignatureDoesNotMatch") } != nil)
            }
        }
    }

    @Test func `the server's own credentials may come from a profile, and are asked for at start`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMoto { aws in
            let variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
            let lines = variables.map { "\($0.lowercased()) = \(aws[$0] ?? "")" }
            let file = world.home + "/credentials"
            try Data("[server]\n\(lines.joined(separator: "\n"))\n".utf8).write(to: URL(filePath: file))
            var settings = aws.filter { !variables.contains($0.key) }
            settings["AWS_SHARED_CREDENTIALS_FILE"] = file
            settings["AWS_PROFILE"] = "server"
            try await world.serve(settings) { server in
                let code = try await world.refusal(server.url + "/credentials", key: key.text)
                #expect(code == nil)
            }
            settings["AWS_PROFILE"] = "nobody"
            let refused = try await world.run(Checkout.program("vending-server"), ["serve"], settings)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("there is no AWS profile \"nobody\""))
        }
    }

    @Test func `dev mode serves with nothing configured, and its printed commands work`() async throws {
        let world = try World()
        var keyFile: String?
        try await world.serve(["BURSAR_DATABASE": ""], arguments: words("dev --port 0")) { server in
            var commands: [String] = []
            for await line in server.lines {
                if line.contains("Ctrl-C") { break }
                guard line.hasPrefix("  creds ") || line.hasPrefix("  printf ") else { continue }
                commands.append(line.trimmingASCIIWhitespace().description)
            }
            #expect(commands.count == 5)
            let path = URL(filePath: Checkout.program("creds")).deletingLastPathComponent().path(percentEncoded: false)
            for command in commands {
                let shell = ["PATH": "\(path):/usr/bin:/bin"]
                let outcome = try await succeeded(world.run("/bin/sh", ["-euc", command], shell))
                if command.contains(" process ") || command.contains(" curl ") {
                    #expect(outcome.output.contains("ASIASIMULATED"))
                }
                if let file = command.split(separator: " ").first(where: { $0.hasSuffix("/key") }) {
                    keyFile = String(file)
                }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: try #require(keyFile)))
    }
}
