import SystemPackage
import TestSupport
import Testing

/// `creds install` over an older helper, as built.
struct LegacyHelperMigrationTests {
    let home: Home
    private static let old =
        "[default]\naws_access_key_id = AKIA\n\n[temp-bedrock]\ncredential_process = /old.py\n\n[z]\n"
    private static let left = "[default]\naws_access_key_id = AKIA\n\n\n[z]\n"

    init() throws {
        home = try Home()
    }

    @Test func `an older helper is taken over when that is asked for, and comes back`() async throws {
        try home.write(Self.old, to: ".aws/credentials", mode: 0o640)
        try home.write("{}", to: ".aws/credentials_cache_python.json", mode: 0o644)
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await server.install("--take-over")
            #expect(installed.isSuccess)
            let file = home.path.appending(".aws/credentials")
            #expect(
                installed.errors.contains(
                    "creds: the older helper's entry [temp-bedrock] is out of \(file); creds uninstall puts it back\n"
                        + "creds: as it was before: \(file).before-creds\n"
                        + "creds: the older helper's cache is gone: \(file)_cache_python.json\n"
                )
            )
            #expect(home.text(".aws/credentials") == Self.left)
            #expect(try file.stat().permissions.rawValue == 0o640)
            #expect(home.text(".aws/credentials.before-creds") == Self.old)
            #expect(try FilePath(file.string + ".before-creds").stat().permissions.rawValue == 0o600)
            #expect(home.text(".aws/credentials_cache_python.json") == nil)
            let key = try await aws("configure", "get", "aws_access_key_id", "--profile", "default")
            #expect(key.output == "AKIA\n")

            // A second run changes nothing.
            #expect(try await server.install().isSuccess)
            let removed = try await home.creds("uninstall", "--yes")
            #expect(removed.isSuccess)
            let said = "the older helper's entry [temp-bedrock] is back in \(file), and the file is as it was\n"
            #expect(removed.errors.hasSuffix("creds: \(said)"))
            #expect(home.text(".aws/credentials") == Self.old)
            #expect(try file.stat().permissions.rawValue == 0o640)
            #expect(home.files.subtracting(["asked"]) == [".aws/credentials"])
        }
    }

    @Test func `without a terminal it has to be asked for`() async throws {
        try home.write(Self.old, to: ".aws/credentials")
        let refused = try await home.creds("install", "--url", "https://localhost:1", input: Home.key)
        #expect(refused.exitCode == 1)
        let file = home.path.appending(".aws/credentials")
        #expect(
            refused.errors == """
                creds: error: an older helper's entry [temp-bedrock] in \(file) would win over this one
                creds: hint: add --take-over to take it out (creds uninstall puts it back), or install under another --profile

                """
        )
        #expect(home.files == [".aws/credentials"])
    }

    @Test func `keys are never taken over`() async throws {
        try home.write("[temp-bedrock]\ncredential_process = x\naws_access_key_id = A\n", to: ".aws/credentials")
        let refused = try await home.creds("install", "--url", "https://localhost:1", "--take-over", input: Home.key)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.hasPrefix("creds: error: the keys under [temp-bedrock] in "))
        #expect(home.files == [".aws/credentials"])
    }

    @Test func `a dry run shows what would be taken out`() async throws {
        try home.write(Self.old, to: ".aws/credentials")
        try await FakeBursar.run(.hour, home: home) { server in
            let shown = try await server.install("--dry-run")
            #expect(shown.output.contains("\n-[temp-bedrock]\n-credential_process = /old.py\n"))
            #expect(!shown.output.contains("AKIA"))
            #expect(home.text(".aws/credentials") == Self.old)
            #expect(home.text(".aws/config") == nil)
        }
    }

    @Test func `an install that can't change the credentials file changes nothing`() async throws {
        try home.write(Self.old, to: ".aws/credentials")
        try home.write("[default]\n", to: ".aws/config")
        // A folder with the backup's name prevents the backup.
        try home.write("", to: ".aws/credentials.before-creds/x")
        try await FakeBursar.run(.hour, home: home) { server in
            let failed = try await server.install("--take-over")
            #expect(failed.exitCode == 1)
            #expect(home.text(".aws/credentials") == Self.old)
            #expect(home.text(".aws/config") == "[default]\n")
            #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
        }
    }

    @Test func `an older helper's cache that nobody spoke of is named`() async throws {
        try home.write("{}", to: ".aws/credentials_cache_python.json", mode: 0o644)
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await server.install()
            let file = home.path.appending(".aws/credentials_cache_python.json")
            #expect(
                installed.errors.contains(
                    """
                    creds: warning: an older helper left credentials in \(file)
                    creds: hint: if nothing uses it any longer: rm '\(file)'

                    """
                )
            )
            #expect(home.text(".aws/credentials_cache_python.json") == "{}")
        }
    }

    @Test(arguments: [["a", "b"], ["b", "a"]])
    func `of two profiles that were taken over, both come back`(order: [String]) async throws {
        let old = "[b]\ncredential_process = x\n[c]\n[a]\ncredential_process = y"
        try home.write(old, to: ".aws/credentials")
        try await FakeBursar.run(.hour, home: home) { server in
            for name in ["a", "b"] {
                #expect(try await server.install("--take-over", "--profile", name).isSuccess)
            }
            #expect(home.text(".aws/credentials") == "[c]\n")
            _ = try await home.creds("uninstall", "--yes", "--profile", order[0])
            let removed = try await home.creds("uninstall", "--yes", "--profile", order[1])
            #expect(removed.errors.hasSuffix(" is back in \(home.path)/.aws/credentials, and the file is as it was\n"))
            #expect(home.text(".aws/credentials") == old)
            #expect(home.text(".aws/credentials.before-creds") == nil)
        }
    }

    @Test func `a credentials file that the AWS CLI can't read is named`() async throws {
        try home.write("[a]\n[a]\n", to: ".aws/credentials")
        let refused = try await home.creds("install", "--url", "https://localhost:1", input: Home.key)
        #expect(refused.exitCode == 1)
        let file = home.path.appending(".aws/credentials")
        #expect(refused.errors.hasPrefix("creds: error: \(file), line 2: a section comes a second time\n"))
    }

    private func aws(_ arguments: String...) async throws -> Program.Outcome {
        try await Program(Checkout.peer("aws"), environment: home.environment).run(arguments)
    }
}
