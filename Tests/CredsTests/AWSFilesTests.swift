import BursarConsole
import BursarFiles
import BursarFoundation
import INIParser
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// Typical configuration files, and how boto3 and the AWS CLI read them after an install.
struct AWSFilesTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    private static let clis = [Checkout.peer("aws"), "/usr/bin/aws"].filter { (try? FilePath($0).stat()) != nil }

    /// A file as `aws-sso-cli` and similar tools write it for everyone in an organisation.
    private static let thousands = (0..<4000).map { number in
        let account = String(100_000_000_000 + number)
        return """
            [profile team-\(account):AdministratorAccess]
            sso_session = corporation-with-a-long-name
            sso_account_id = \(account)
            sso_role_name = AdministratorAccess
            region = eu-central-1
            output = json
            # \(String(repeating: "generated ", count: 18))

            """
    }
    .joined()

    static let files: [String] = [
        "", "[default]\nregion = us-east-1\n", "[default]\nregion = us-east-1", "[default]\rregion=us-east-1\r",
        "[default]\rregion=us-east-1\r[profile a]\rregion=eu-west-1", "[default]\r\nregion = us-east-1\r\n",
        "[default]\nregion = us-east-1\r[profile a]\r\nregion = eu-west-1\r\r",
        "[DEFAULT]\nregion = eu-west-3\noutput = text\n[profile a]\n",
        "[DEFAULT]\r\naws_access_key_id = x\r\n[default]\r\n",
        "[DEFAULT]\ncredential_process = /bin/false\nsource_profile = a\n",
        "[default]\n[DEFAULT]\ns3 =\n  max_queue_size = 7\n",
        "[profiles temp-bedrock-2]\nregion = x\n[profileb c]\nregion = y\n",
        "[profile \"a b\"]\nregion = x\n[profile 'c']\n",
        "[a] # [profile temp-bedrock]\nregion = x\n", "[profile a]]\nregion = x\n",
        "[default]\ns3 =\n  a = b\n\n  c = d\n",
        "[default]\nregion = x\n  [profile temp-bedrock]\n", "# only a comment", "\n\n\n",
        "[default]\n\u{A0}\nregion =\u{2003}x\n",
        "[profile caf\u{E9}]\nregion = x\n[profile cafe\u{301}]\nregion = y\n", "[default]\nregion = %(x)s 100%\n",
        "[sso-session temp-bedrock]\nsso_region = x\nsso_start_url = y\n", "[temp-bedrock]\nregion = x\n", thousands,
    ]

    /// The argument is an index, since one of the files is a megabyte and a half.
    @Test(arguments: files.indices)
    func `boto3 and the AWS CLIs find the profile after an install, and all is as it was after the removal`(
        number: Int
    ) async throws {
        let before = Self.files[number]
        if !before.isEmpty { try home.write(before, to: ".aws/config") }
        let others = try await reading()
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await server.install("--region", "us-west-2")
            #expect(installed.isSuccess, "\(installed.errors)")
            #expect(try await boto3() == "ASIAEXAMPLE0000000001 custom-process us-west-2\n")
            for cli in Self.clis {
                let listed = try await Program(cli, environment: home.environment.merging(["AWS_PAGER": ""]) { $1 })
                    .run(["configure", "list", "--profile", "temp-bedrock"])
                #expect(listed.output.contains("custom-process"), "\(cli): \(listed.errors)")
            }
            #expect(try await reading(without: "temp-bedrock") == others)
            // A second install changes nothing, and adds no second section.
            let installedText = home.text(".aws/config")
            #expect(try await server.install("--region", "us-west-2").isSuccess)
            #expect(home.text(".aws/config") == installedText)

            let removed = try await home.creds("uninstall", "--yes")
            #expect(removed.isSuccess, "\(removed.errors)")
            #expect(home.text(".aws/config").map { Array($0.utf8) } == (before.isEmpty ? nil : Array(before.utf8)))
            #expect(try await reading() == others)
        }
    }

    /// The installed section is recognised whatever its line ends.
    @Test(arguments: ["\n", "\r\n", "\r"])
    func `a section of that name is seen behind every line end`(end: String) async throws {
        let file = ["[default]", "region=us-east-1", "[profile temp-bedrock]", "region=eu-west-1", ""].joined(
            separator: end
        )
        try home.write(file, to: ".aws/config")
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("has a section [profile temp-bedrock] already, with other contents"))
            #expect(home.text(".aws/config") == file)
            #expect(try await server.install("--replace").isSuccess)
            #expect(try await boto3().hasPrefix("ASIAEXAMPLE0000000001 custom-process"))
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text(".aws/config") == file)
        }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `keys in the credentials file are seen behind every line end`(end: String) async throws {
        let lines = ["[a]", "region = x", "[temp-bedrock]", "aws_access_key_id = AKIA", "aws_secret_access_key = s"]
        try home.write(lines.joined(separator: end), to: ".aws/credentials")
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("the keys under [temp-bedrock] in"))
            #expect(home.files.isDisjoint(with: [".aws/config", ".config/bursar/temp-bedrock.json"]))
        }
    }

    // MARK: [DEFAULT]

    /// Every option that names a source of credentials, alone and in pairs: creds refuses exactly those that keep boto3
    /// from running it.
    @Test(arguments: [true, false])
    func `options of [DEFAULT] that win are those that boto3 takes in place of Bursar's`(isConfig: Bool) async throws {
        let values: [(String, String)] = [
            ("aws_access_key_id", "AKIAOTHER"), ("aws_secret_access_key", "s"), ("aws_session_token", "t"),
            ("credential_process", "/bin/false"), ("credential_source", "Environment"),
            ("login_session", "arn:aws:sts::1:x"),
            ("role_arn", "arn:aws:iam::123456789012:role/r"), ("source_profile", "other"),
            ("sso_account_id", "123456789012"),
            ("sso_role_name", "r"), ("sso_session", "s"), ("sso_start_url", "https://x.example"),
            ("sso_region", "us-east-1"),
            ("web_identity_token_file", "/nowhere"), ("region", "eu-west-1"), ("mfa_serial", "x"), ("external_id", "y"),
        ]
        let combinations =
            values.map { [$0] } + values.flatMap { one in values.map { [one, $0] }.filter { $0[0].0 < $0[1].0 } }
        let process = home.path.appending("ours").string
        let answer = #"{"Version":1,"AccessKeyId":"OURS","SecretAccessKey":"x","SessionToken":"y"}"#
        try home.write("#!/bin/sh\necho '\(answer)'\n", to: "ours", mode: 0o755)
        let command = try #require(ShellWord.inCredentialProcess(process))
        let entry = ProfileEntry(name: .standard, command: command, region: nil)
        let defaults = combinations.map { options in
            "[DEFAULT]\n" + options.map { "\($0) = \($1)\n" }.joined()
        }
        let files = defaults.map { text in
            isConfig
                ? [text + entry.text(lineEnd: "\n"), ""]
                : [entry.text(lineEnd: "\n"), text + "[temp-bedrock]\noutput = json\n"]
        }
        try home.write(String(decoding: try JSONEncoder().encode(files), as: UTF8.self), to: "files")
        let script = """
            import boto3, json, os, sys
            folder = sys.argv[1]
            os.makedirs(folder + "/.aws", exist_ok=True)
            for config, credentials in json.load(open(folder + "/files")):
                open(folder + "/.aws/config", "w").write(config)
                open(folder + "/.aws/credentials", "w").write(credentials)
                try:
                    found = boto3.Session(profile_name="temp-bedrock").get_credentials()
                    print(found and found.get_frozen_credentials().access_key)
                except Exception as error:
                    print(type(error).__name__)
            """
        let environment = home.environment.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }
        let seen = try await Program(Checkout.peer("python"), environment: environment).run([
            "-c", script, home.path.string,
        ])
        let words = seen.output.split(separator: "\n")
        try #require(words.count == files.count, "\(seen.errors)")
        for (text, word) in zip(defaults, words) {
            let isRefused: Bool
            if isConfig {
                let edit = try? ConfigEdit.install(entry, in: Array(text.utf8), record: nil, replaces: false)
                isRefused = edit == nil
            } else {
                let document = INIDocument(Array((text + "[temp-bedrock]\noutput = json\n").utf8))
                isRefused = ConflictingEntry(over: .standard, in: document) != nil
            }
            #expect(isRefused == (word != "OURS"), "\(text): \(word)")
        }
    }

    @Test(arguments: [".aws/config", ".aws/credentials"])
    func `[DEFAULT] that would win stops an install and is named by the doctor`(file: String) async throws {
        let defaults = "[DEFAULT]\nsso_account_id = 123456789012\nsso_role_name = R\n"
        let text = file == ".aws/config" ? defaults : defaults + "[temp-bedrock]\nregion = us-east-1\n"
        try home.write(text, to: file)
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("sso_account_id, sso_role_name under [DEFAULT] in "))
            #expect(refused.errors.contains("/\(file), line 2, would win over this profile"))
            #expect(refused.errors.contains("creds: hint: "))
            #expect(home.text(file) == text)
            #expect(home.files.contains(".config/bursar/temp-bedrock.json") == false)

            try home.write(text.replacing("[DEFAULT]", with: "[default]"), to: file)
            #expect(try await server.install("--region", "us-east-1").isSuccess)
            try home.edit(file, "[default]", "[DEFAULT]")
            let found = try await home.findings()
            let topic = file == ".aws/config" ? DoctorFinding.Topic.awsConfig : .awsCredentials
            let finding = try #require(found.first { $0.check == topic })
            #expect(finding.state == .problem)
            #expect(finding.message.hasPrefix("sso_account_id, sso_role_name under [DEFAULT] in "))
            #expect(finding.fix?.contains("+2 ") == true)
        }
    }

    // MARK: The region

    @Test(arguments: [
        "[temp-bedrock]\nregion = eu-west-1\n", "[DEFAULT]\nregion = eu-west-1\n[temp-bedrock]\noutput = json\n",
    ])
    func `a region in the credentials file wins in boto3, and install and doctor say so`(file: String) async throws {
        try home.write(file, to: ".aws/credentials")
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await server.install("--region", "us-west-2")
            #expect(installed.isSuccess)
            #expect(installed.errors.contains("creds: warning: the region eu-west-1 under ["))
            #expect(try await boto3() == "ASIAEXAMPLE0000000001 custom-process eu-west-1\n")
            let finding = try #require(try await home.findings().first { $0.check == .awsCredentials })
            #expect(finding.state == .warning)
            #expect(finding.message.hasPrefix("the region eu-west-1 under ["))
            #expect(try await server.install("--region", "eu-west-1").errors.contains("warning: the region") == false)
        }
    }

    // MARK: Where the files are

    @Test(arguments: ["$HOME/x/config", "${HOME}/x/config", "~/x/config", "$PLACE/config", "${PLACE}/config"])
    func `a path in AWS_CONFIG_FILE means what it means to boto3`(path: String) async throws {
        let variables = ["AWS_CONFIG_FILE": path, "PLACE": home.path.appending("x").string]
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await home.creds(
                "install",
                "--url",
                server.url,
                input: Home.key,
                environment: variables
            )
            #expect(installed.isSuccess, "\(installed.errors)")
            #expect(home.files.contains("x/config"))
            #expect(try await boto3(variables).hasPrefix("ASIAEXAMPLE0000000001 custom-process"))
            let found = try await home.findings(environment: variables)
            #expect(!found.contains { $0.check == .awsConfig })
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(!home.files.contains("x/config"))
        }
    }

    @Test func `keys behind a path with a variable in it are seen`() async throws {
        try home.write("[temp-bedrock]\naws_access_key_id = AKIA\naws_secret_access_key = s\n", to: "x/credentials")
        try await FakeBursar.run(.hour, home: home) { server in
            let variables = ["AWS_SHARED_CREDENTIALS_FILE": "$HOME/x/credentials"]
            let refused = try await home.creds("install", "--url", server.url, input: Home.key, environment: variables)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("the keys under [temp-bedrock] in \(home.path)/x/credentials would win"))
        }
    }

    @Test func `a variable that is set to nothing hides the file from AWS clients, with a warning`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            let variables = ["AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": ""]
            let dryRun = ["install", "--url", server.url, "--dry-run"]
            let shown = try await Program(
                Checkout.program("creds"),
                environment: home.environment.merging(variables) { $1 }
            )
            .run(dryRun, input: Home.key)
            #expect(shown.isSuccess)
            for name in variables.keys {
                #expect(shown.errors.contains("creds: warning: \(name) is set but empty"))
            }
            let installed = try await home.creds(
                "install",
                "--url",
                server.url,
                input: Home.key,
                environment: variables
            )
            #expect(installed.isSuccess)
            for name in variables.keys {
                #expect(installed.errors.contains("creds: warning: \(name) is set but empty"))
            }
            #expect(home.text(".aws/config")?.contains("[profile temp-bedrock]") == true)
            #expect(try await boto3(variables).isEmpty)
            #expect(try await boto3().hasPrefix("ASIAEXAMPLE0000000001"))
            // A command that is started with the profile finds it all the same.
            let script = "import boto3; print(boto3.Session().get_credentials().method)"
            let command = ["exec", "--", Checkout.peer("python"), "-c", script]
            let started = try await Program(
                Checkout.program("creds"),
                environment: home.environment.merging(variables) { $1 }
            )
            .run(command)
            #expect(started.output == "custom-process\n", "\(started.errors)")
            let found = try await home.findings(environment: variables)
            let config = try #require(found.first { $0.check == .awsConfig })
            #expect(config.state == .problem && config.fix == "unset AWS_CONFIG_FILE")
            let credentials = try #require(found.first { $0.check == .awsCredentials })
            #expect(credentials.state == .warning && credentials.fix == "unset AWS_SHARED_CREDENTIALS_FILE")
        }
    }

    // MARK: What nobody reads

    @Test(arguments: [".aws/config", ".aws/credentials"])
    func `a byte order mark and UTF-16 are called what they are`(file: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            for (bytes, words) in [
                (Array("\u{FEFF}[default]\nregion = x\n".utf8), "line 1: a byte order mark (U+FEFF)"),
                ([0xFF, 0xFE, 0x5B, 0x00, 0x61, 0x00, 0x5D, 0x00], "UTF-16 text, where UTF-8 is read"),
            ] as [([UInt8], String)] {
                try home.write("", to: file)
                try Data(bytes).write(to: URL(filePath: home.path.appending(file).string))
                let refused = try await server.install()
                #expect(refused.exitCode == 1)
                #expect(refused.errors.contains(words))
                #expect(refused.errors.contains("without a byte order mark"))
            }
        }
    }

    @Test(arguments: [".aws/config", ".aws/credentials"])
    func `a file beyond every measure is refused with what to do`(file: String) async throws {
        try home.write(String(repeating: "#", count: INIDocument.longestFile + 1), to: file)
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("larger than \(INIDocument.longestFile) bytes"))
            #expect(refused.errors.contains("creds: hint: take profiles out of it"))
        }
    }

    // MARK: Readers

    private func boto3(_ variables: [String: String] = [:]) async throws -> String {
        let script = """
            import boto3
            session = boto3.Session(profile_name="temp-bedrock")
            found = session.get_credentials()
            print(found.get_frozen_credentials().access_key, found.method, session.region_name)
            """
        return try await python(script, variables).output
    }

    /// botocore's reading of all profiles but one.
    private func reading(without name: String = "") async throws -> String {
        let script = """
            import botocore.session, json, sys
            config = botocore.session.Session().full_config
            config["profiles"].pop(sys.argv[1], None)
            # A file that isn't there lacks what an empty one has.
            for name in ("sso_sessions", "services"): config.setdefault(name, {})
            print(json.dumps(config, sort_keys=True))
            """
        let outcome = try await python(script, [:], name)
        #expect(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    private func python(_ script: String, _ variables: [String: String], _ arguments: String...) async throws
        -> Program.Outcome
    {
        let environment = home.environment.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }.merging(variables) {
            $1
        }
        return try await Program(Checkout.peer("python"), environment: environment).run(["-c", script] + arguments)
    }
}
