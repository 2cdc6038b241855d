import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// The state after `creds uninstall`, and after an interrupted install.
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
            // A folder with the backup's name prevents the backup.
            try home.write("", to: ".aws/config.before-creds/x")
            let failed = try await server.install("--region", "us-west-2")
            #expect(failed.exitCode == 1)
            #expect([home.text(".aws/config"), home.text(".config/bursar/temp-bedrock.json")] == files)
        }
    }

    @Test(
        arguments: [nil, "[c]\nk = v", "[c]\r\nk = v", "[c]\n"],
        [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]]
    )
    func `of several profiles, the last to go leaves the file as it was`(
        before: String?,
        order: [String]
    ) async throws {
        if let before { try home.write(before, to: ".aws/config") }
        try await FakeBursar.run(.hour, home: home) { server in
            for name in ["a", "b", "c"] {
                #expect(try await server.install("--profile", name).isSuccess)
            }
            for name in order.dropLast() {
                #expect(try await home.creds("uninstall", "--yes", "--profile", name).isSuccess)
            }
            let removed = try await home.creds("uninstall", "--yes", "--profile", order[2])
            #expect(removed.errors == "creds: profile \(order[2]) is gone, and \(home.config) is as it was\n")
            #expect(home.text(".aws/config") == before)
            #expect(home.text(".aws/config.before-creds") == nil)
        }
    }

    @Test(arguments: [["a"], ["a", "b"], ["b", "a"]])
    func `nothing is left where there was nothing, no folder either`(order: [String]) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            for name in order.sorted() {
                #expect(try await server.install("--profile", name).isSuccess)
                #expect(try await home.creds("process", "--profile", name).isSuccess)
            }
            for name in order { #expect(try await home.creds("uninstall", "--yes", "--profile", name).isSuccess) }
            let left = try names
            #expect(left == ["asked"])
        }
    }

    @Test func `folders that were there stay, also empty ones and those that hold something else`() async throws {
        try home.write("mine", to: ".cache/other")
        for folder in [".config", ".aws"] {
            try FileManager.default.createDirectory(
                atPath: home.path.appending(folder).string,
                withIntermediateDirectories: false
            )
        }
        let before = try FileManager.default.subpathsOfDirectory(atPath: home.path.string).sorted()
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await server.install("--dry-run").isSuccess)
            #expect(try await server.install().isSuccess)
            #expect(try await home.creds("process").isSuccess)
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            let after = try FileManager.default.subpathsOfDirectory(atPath: home.path.string).sorted()
            #expect(after.filter { $0 != "asked" } == before)
        }
    }

    @Test func `a dry run makes nothing`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await server.install("--dry-run").isSuccess)
            let left = try names
            #expect(left == ["asked"])
        }
    }

    @Test(arguments: ["config2", "other/config2"])
    func `behind a link that led nowhere, nothing of Bursar's stays either`(target: String) async throws {
        try home.write("", to: ".aws/other/x")
        try home.link(".aws/config", to: target)
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await server.install().isSuccess)
            #expect(home.text(".aws/" + target)?.contains("[profile temp-bedrock]") == true)
            let removed = try await home.creds("uninstall", "--yes")
            #expect(removed.errors == "creds: profile temp-bedrock is gone, and \(home.config) is as it was\n")
            #expect(home.text(".aws/" + target) == nil)
            let type = try home.config.stat(followTargetSymlink: false).type
            #expect(type == .symbolicLink)
        }
    }

    @Test func `a failed install leaves nothing behind such a link`() async throws {
        try home.write("[temp-bedrock]\ncredential_process = /old.py\n", to: ".aws/credentials")
        try home.link(".aws/config", to: "config2")
        // A folder in its place prevents the copy of the credentials, which shows only in the last step.
        try home.write("", to: ".aws/credentials.before-creds/x")
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await server.install("--take-over").exitCode == 1)
            #expect(home.text(".aws/config2") == nil)
            let type = try home.config.stat(followTargetSymlink: false).type
            #expect(type == .symbolicLink)
            #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
        }
    }

    @Test func `a profile of an earlier creds is used and taken away`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let profile = ".config/bursar/temp-bedrock.json"
            let written = try #require(home.text(profile))
            let earlier = written.replacing(/,?\s*"before" : \{[^}]*\}/, with: "").replacing("{,", with: "{")
            try #require(earlier != written)
            try home.write(earlier.replacing(/"config" : \{\s*,/, with: #""config" : {"#), to: profile)
            #expect(try await home.creds("process").isSuccess)
            #expect(try await server.install("--region", "us-west-2").isSuccess)
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            #expect(home.text(".aws/config") == nil)
        }
    }

    @Test func `installs and uninstalls at once don't undo each other`() async throws {
        let before = "[c]\nk = v"
        try home.write(before, to: ".aws/config")
        try await FakeBursar.run(.hour, home: home) { server in
            let names = ["a", "b", "d", "e"]
            try await atOnce(names) { try await server.install("--profile", $0) }
            for name in names { #expect(home.text(".aws/config")?.contains("[profile \(name)]\n") == true) }
            try await atOnce(names) { try await home.creds("uninstall", "--yes", "--profile", $0) }
            #expect(home.text(".aws/config") == before)
            #expect(home.files.subtracting(["asked"]) == [".aws/config"])
        }
    }

    private func atOnce(
        _ names: [String],
        _ run: @escaping @Sendable (String) async throws -> Program.Outcome
    ) async throws {
        try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
            for name in names { group.addTask { try await run(name) } }
            for try await outcome in group { #expect(outcome.isSuccess, "\(outcome.errors)") }
        }
    }

    @Test func `where the file was edited otherwise, there is a note, and the copy stays`() async throws {
        try home.write("[c]\n", to: ".aws/config")
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await server.install().isSuccess)
            try home.write(try #require(home.text(".aws/config")) + "[d]\n", to: ".aws/config")
            let removed = try await home.creds("uninstall", "--yes")
            #expect(
                removed.errors == """
                    creds: profile temp-bedrock is gone; the rest of \(home.config) stays as it is
                    creds: a copy from before an install is still there: \(home.config).before-creds

                    """
            )
            #expect(home.text(".aws/config") == "[c]\n[d]\n")
        }
    }

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

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: home.path.string) }
    }

    private func path(_ name: String) -> String {
        home.path.appending(name).string
    }
}
