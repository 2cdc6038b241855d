import SystemPackage
import TestSupport
import Testing

/// What `creds uninstall` leaves, and what an install leaves that didn't come to its end.
struct UninstallTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [true, false])
    func `an install that can't write the file leaves the profile as it was`(isInstalled: Bool) async throws {
        if !isInstalled { try home.write("[default]\n", to: ".aws/config") }
        try await FakeBursar.run(.hour, home: home) { server in
            if isInstalled { _ = try await server.install() }
            let files = [home.text(".aws/config"), home.text(".config/bursar/temp-bedrock.json")]
            // No backup can be made where a folder stands.
            try home.write("", to: ".aws/config.before-creds/x")
            let failed = try await server.install("--region", "us-west-2")
            #expect(failed.exitCode == 1)
            #expect([home.text(".aws/config"), home.text(".config/bursar/temp-bedrock.json")] == files)
        }
    }

    /// The file before, how it is left, and what is said when the second is gone.
    @Test(arguments: [
        (nil, ["b", "a"], nil, ", and FILE is as it was\n"),
        ("[c]\nk = v", ["b", "a"], "[c]\nk = v", "; the rest of FILE stays as it is\n"),
        (nil, ["a", "b"], "", "; FILE held nothing else\n\(note)"),
        ("[c]\nk = v", ["a", "b"], "[c]\nk = v\n", "; the rest of FILE stays as it is\n\(note)"),
    ])
    func `of two profiles, what is left is said`(
        before: String?,
        order: [String],
        after: String?,
        said: String
    ) async throws {
        if let before { try home.write(before, to: ".aws/config") }
        try await FakeBursar.run(.hour, home: home) { server in
            for name in ["a", "b"] {
                #expect(try await server.install("--profile", name).isSuccess)
            }
            #expect(try await home.creds("uninstall", "--yes", "--profile", order[0]).isSuccess)
            let removed = try await home.creds("uninstall", "--yes", "--profile", order[1])
            let words = said.replacing("FILE", with: home.config.string)
            #expect(removed.errors == "creds: profile \(order[1]) is gone\(words)")
            #expect(home.text(".aws/config") == after)
            let isBackupLeft = home.text(".aws/config.before-creds") != nil
            #expect(isBackupLeft == said.hasSuffix(Self.note))
        }
    }

    private static let note = "creds: a copy from before an install is still there: FILE.before-creds\n"

    @Test(arguments: ["c", "new/c", "../c"])
    func `a relative path is remembered wherever creds runs next`(name: String) async throws {
        try home.write("", to: "work/x")
        try await FakeBursar.run(.hour, home: home) { server in
            let environment = home.environment.merging(["AWS_CONFIG_FILE": name]) { $1 }
            let program = Checkout.program("creds")
            let script = "cd '\(path("work"))' && exec '\(program)' install --url \(server.url)"
            let installed = try await Program("/bin/sh", environment: environment).run(["-c", script], input: Home.key)
            #expect(installed.isSuccess)
            #expect(home.text("work/" + name)?.hasPrefix("[profile temp-bedrock]\n") == true)
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text("work/" + name) == nil)
        }
    }

    @Test func `without a terminal nothing is taken away unless --yes says so`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let refused = try await home.creds("uninstall", input: "y\n")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("creds: hint: add --yes to agree\n"))
            #expect(home.text(".config/bursar/temp-bedrock.json") != nil)
        }
    }

    private func path(_ name: String) -> String {
        home.path.appending(name).string
    }
}
