import BursarFiles
import BursarModel
import SystemPackage
import TestSupport
import Testing

/// `creds install` and `creds uninstall`, as built, against a server on loopback.
struct InstallTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a profile is set up and taken away, and the home folder is as it was`() async throws {
        let before = "# mine\r\n[default]\r\nregion = 100%\r\n[a]\r\nk = é"
        try home.write(before, to: ".aws/config", mode: 0o644)
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await server.install("--region", "us-west-2")
            #expect(installed.isSuccess)
            #expect(installed.output.isEmpty)
            #expect(installed.errors.hasSuffix("creds: next: aws sts get-caller-identity --profile temp-bedrock\n"))
            #expect(home.text(".aws/config")?.hasPrefix(before + "\r\n\r\n[profile temp-bedrock]\r\ncred") == true)
            #expect(home.text(".aws/config")?.hasSuffix("\r\nregion = us-west-2\r\n") == true)
            #expect(try home.config.stat().permissions.rawValue == 0o644)
            #expect(home.text(".aws/config.before-creds") == before)
            let profile = home.path.appending(".config/bursar/temp-bedrock.json")
            #expect(try profile.stat().permissions.rawValue == 0o600)
            #expect(try profile.removingLastComponent().stat().permissions.rawValue == 0o700)

            #expect(try await home.creds("process").isSuccess)
            let removed = try await home.creds("uninstall", "--yes")
            #expect(removed.isSuccess)
            #expect(home.text(".aws/config") == before)
            #expect(home.files.subtracting(["asked"]) == [".aws/config"])
        }
    }

    @Test func `a file that was made is removed again`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            #expect(try home.config.stat().permissions.rawValue == 0o600)
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text(".aws/config") == nil)
        }
    }

    @Test func `installing twice is the same as once, and the session is kept`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let session = try await home.creds("process").output
            let files = [home.text(".aws/config"), home.text(".config/bursar/temp-bedrock.json")]
            #expect(try await server.install().isSuccess)
            #expect([home.text(".aws/config"), home.text(".config/bursar/temp-bedrock.json")] == files)
            #expect(try await home.creds("process").output == session)
            #expect(server.asked == 1)
        }
    }

    @Test func `another key takes the first one's place, with a note`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let other = "bursar_0123456789ab_" + String(repeating: "B", count: 43)
            let sum = CRC32.checksum(other.utf8)
            let key = other + Base62.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }, length: 6)
            try home.write("\u{FEFF}\(key)\r\n", to: "new key")
            let file = home.path.appending("new key").string
            let installed = try await home.creds("install", "--url", server.url, "--key-file", file)
            #expect(installed.errors.contains("creds: profile temp-bedrock has the new key now\n"))
            #expect(installed.errors.contains("\(file) is not needed any longer: rm '\(file)'\n"))
            #expect(home.text(".config/bursar/temp-bedrock.json")?.contains(key) == true)
            let again = try await server.install("--key-file", file)
            #expect(!again.errors.contains("has the new key now"))
        }
    }

    @Test func `a key file may be named with ~, which the shell leaves alone in --key-file=~/key`() async throws {
        try home.write("\u{200B}“\(Home.key)”\u{A0}\n", to: "key")
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await home.creds("install", "--url", server.url, "--key-file=~/key").isSuccess)
            let refused = try await home.creds("install", "--url", server.url, "--key-file=~ada/key")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.hasPrefix("creds: error: ~ada/key: the shell left the ~ as it is"))
        }
    }

    @Test func `a key that is read from /dev/stdin leaves no file to remove`() async throws {
        try home.write(Home.key, to: "key")
        try await FakeBursar.run(.hour, home: home) { server in
            let script = #"exec "$0" install --url "$1" --key-file /dev/stdin <"$2""#
            let words = ["-c", script, Checkout.program("creds"), server.url, home.path.appending("key").string]
            let installed = try await Program("/bin/sh", environment: home.environment).run(words)
            #expect(installed.errors.contains("creds: the key is kept with the profile\n"), "\(installed.errors)")
            #expect(!installed.errors.contains("rm "))
        }
    }

    @Test func `a pipe for a key file is refused, with how to pipe it in`() async throws {
        let script = #"exec "$0" install --url https://localhost:1 --key-file <(cat)"#
        let refused = try await Program("/bin/bash", environment: home.environment)
            .run(["-c", script, Checkout.program("creds")], input: Home.key)
        #expect(refused.exitCode == 1)
        let hint = ": not an ordinary file\ncreds: hint: pipe the key in instead: COMMAND | creds install"
        #expect(refused.errors.contains(hint))
    }

    @Test func `another server never gets the first one's session`() async throws {
        let other = try Home()
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            try await FakeBursar.run(.hour, home: other) { second in
                _ = try await home.creds("install", "--url", second.url, input: Home.key)
                #expect(try await home.creds("process").isSuccess)
                #expect(second.asked == 1)
                #expect(home.files.count { $0.hasPrefix(".cache/bursar/") && $0.hasSuffix(".json") } == 1)
            }
        }
    }

    @Test func `a linked file stays a link`() async throws {
        try home.write("[default]\n", to: "dotfiles/config")
        try home.write("", to: ".aws/credentials")
        try home.link(".aws/config", to: "../dotfiles/config")
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            #expect(try home.config.stat(followTargetSymlink: false).type == .symbolicLink)
            #expect(home.text("dotfiles/config")?.contains("[profile temp-bedrock]") == true)
        }
    }

    @Test func `a dry run shows the change and makes none`() async throws {
        try home.write("[profile temp-bedrock]\naws_secret_access_key = hunter2\n", to: ".aws/config")
        try await FakeBursar.run(.hour, home: home) { server in
            let shown = try await server.install("--dry-run", "--replace")
            #expect(shown.isSuccess)
            #expect(shown.output.contains("\n-aws_secret_access_key = …\n+credential_process = "))
            #expect(home.text(".aws/config") == "[profile temp-bedrock]\naws_secret_access_key = hunter2\n")
            #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
        }
    }

    @Test func `another section of that name is only replaced when that is asked for`() async throws {
        let before = "[profile temp-bedrock]\nrole_arn = x\n"
        try home.write(before, to: ".aws/config")
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await server.install()
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("has a section [profile temp-bedrock] already, with other contents\n"))
            #expect(refused.errors.contains("creds: hint: add --replace"))
            #expect(home.text(".aws/config") == before)
            #expect(try await server.install("--replace").isSuccess)
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text(".aws/config") == before)
        }
    }

    @Test func `keys in the credentials file that would win are named`() async throws {
        try home.write("[temp-bedrock]\naws_access_key_id = AKIA\n", to: ".aws/credentials")
        let refused = try await home.creds("install", "--url", "https://localhost:1", input: Home.key)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("creds: error: the keys under [temp-bedrock]"))
        #expect(refused.errors.contains("creds: hint: delete [temp-bedrock] and the lines under it"))
        #expect(home.files == [".aws/credentials"])
    }

    @Test func `the old variables stand in for the options, and traps are named`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            let environment = [
                "AWS_GET_TEMP_CREDS_API_URL": server.url + "/credentials", "AWS_GET_TEMP_CREDS_API_KEY": Home.key,
                "AWS_BEARER_TOKEN_BEDROCK": "", "AWS_ACCESS_KEY_ID": "x", "AWS_PROFILE": "other",
                "AWS_CONFIG_FILE": "~/elsewhere/config",
            ]
            let installed = try await home.creds("install", environment: environment)
            #expect(installed.isSuccess)
            #expect(installed.errors.contains("creds: warning: AWS_BEARER_TOKEN_BEDROCK is set"))
            #expect(installed.errors.contains("creds: warning: AWS_ACCESS_KEY_ID is set"))
            #expect(installed.errors.contains("creds: warning: AWS_PROFILE names another profile, other\n"))
            #expect(home.text("elsewhere/config")?.hasPrefix("[profile temp-bedrock]\n") == true)
            #expect(!installed.errors.contains(Home.key))
            // The install's location counts, whatever the variable says now.
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text("elsewhere/config") == nil)
        }
    }

    @Test func `a key comes from a private file or from a command`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            try home.write(Home.key + "\n", to: "key")
            #expect(try await home.creds("install", "--url", server.url, "--key-file", path("key")).isSuccess)
            let command = ["install", "--url", server.url, "--profile", "two", "--key-command", "cat '\(path("key"))'"]
            #expect(try await run(command).isSuccess)
            #expect(home.text(".config/bursar/two.json")?.contains("bursar_") == false)
            #expect(try await home.creds("process", "--profile", "two").isSuccess)
            let identity = try await home.creds("whoami", "--profile", "two")
            #expect(identity.output.hasPrefix("researcher  ada\nkey         0123456789ab\n"))
        }
    }

    private func path(_ name: String) -> String {
        home.path.appending(name).string
    }

    private func run(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program(Checkout.program("creds"), environment: home.environment).run(arguments)
    }
}
