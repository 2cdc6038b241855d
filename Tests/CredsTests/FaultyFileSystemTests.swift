import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import BursarFiles
@testable import creds

/// `creds` on file systems without locks, folder syncs, modes or owners, as clusters, WSL and containers have them.
struct FaultyFileSystemTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    private func creds(_ faults: String, _ arguments: String..., input: String = "") async throws -> Program.Outcome {
        var environment = try await FaultyFileSystem.environment(faults, below: home.path.string)
        environment.merge(home.environment) { $1 }
        return try await Program(Checkout.program("creds"), environment: environment).run(arguments, input: input)
    }

    /// All paths below the home, including folders.
    private var everything: [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: home.path.string)) ?? []
        return names.filter { $0 != "asked" }.sorted()
    }

    @Test(
        arguments: [
            "noflock", "nolck", "lockunsupported", "lockinvalid", "dirfsync", "filefsync", "nochmod", "nochown",
            "nolink",
            "noflock,dirfsync,filefsync,nochmod,nochown,nolink",
        ]
    )
    func `what a file system lacks that isn't needed keeps nobody from anything`(faults: String) async throws {
        try home.write("[default]\nregion = x\n", to: ".aws/config", mode: 0o644)
        let before = everything
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await creds(faults, "install", "--url", server.url, input: Home.key)
            #expect(installed.isSuccess, "\(installed.errors)")
            #expect(installed.errors.contains("doesn't say when a file is on the disk") == faults.contains("filefsync"))
            for command in [["process"], ["refresh"], ["process"], ["status"]] {
                let environment = try await FaultyFileSystem.environment(faults, below: home.path.string)
                let ran = try await Program(
                    Checkout.program("creds"),
                    environment: environment.merging(home.environment) { $1 }
                ).run(command)
                #expect(ran.isSuccess, "\(command): \(ran.errors)")
            }
            #expect(server.asked == 2, "a session that was vended is kept")
            let seen = try await home.findings(
                environment: try await FaultyFileSystem.environment(faults, below: home.path.string)
            )
            #expect(seen.filter { [.profile, .files, .disk].contains($0.check) }.isEmpty, "\(seen)")
            let removed = try await creds(faults, "uninstall", "--yes")
            #expect(removed.isSuccess, "\(removed.errors)")
            #expect(everything == before)
            #expect(home.text(".aws/config") == "[default]\nregion = x\n")
        }
    }

    @Test(arguments: ["noflock", "nolck", "noflock,nolink,nofutimens"])
    func `without locks, sixty cold starts at once are one vend`(faults: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await creds(faults, "install", "--url", server.url, input: Home.key).isSuccess)
            let outcomes = try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
                for _ in 0..<60 { group.addTask { try await creds(faults, "process") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { !$0.isSuccess }.map(\.errors).isEmpty)
            #expect(Set(outcomes.map(\.output)).count == 1)
            #expect(server.asked == 1)
            #expect(home.files.filter { $0.hasSuffix(".held") }.isEmpty)
        }
    }

    @Test(.enabled(if: Strace.isThere))
    func `without locks, what a killed process left of its own is cleared away`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await creds("noflock", "install", "--url", server.url, input: Home.key).isSuccess)
            _ = try await creds("noflock", "process")
            let held = try #require(try home.cacheFile()).replacing(".json", with: ".lock.held")
            try home.write(try await markOfKilled(), to: held)
            let ran = try await creds("noflock", "refresh")
            #expect(ran.isSuccess, "\(ran.errors)")
            #expect(home.text(held) == nil && home.unfinishedFiles.isEmpty)
        }
    }

    /// The process number and the start time since boot are those of a process that runs now.
    @Test(.enabled { await Namespaces.areAllowed() })
    func `without locks, a process of before the machine's restart isn't taken for one of the same number`()
        async throws
    {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await creds("noflock", "install", "--url", server.url, input: Home.key).isSuccess)
            _ = try await creds("noflock", "process")
            let held = try #require(try home.cacheFile()).replacing(".json", with: ".lock.held")
            try home.write(".bursar-\(ProcessMark.current())-x", to: held)
            let age = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -60)]
            try FileManager.default.setAttributes(age, ofItemAtPath: home.path.appending(held).string)
            var environment = try await FaultyFileSystem.environment("noflock", below: home.path.string)
            environment.merge(home.environment) { $1 }
            let program = Program(Checkout.program("creds"), environment: environment)
            let ran = try await Namespaces.runAfterRestart(program, ["refresh"])
            #expect(ran.isSuccess, "\(ran.errors)")
            #expect(server.asked == 2)
            #expect(home.text(held) == nil)
        }
    }

    @Test func `without locks and room on the disk, no lock stays that nobody holds`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await creds("noflock", "install", "--url", server.url, input: Home.key).isSuccess)
            _ = try await creds("noflock,heldfull", "refresh")
            #expect(home.files.filter { $0.hasSuffix(".held") }.isEmpty && home.unfinishedFiles.isEmpty)
            #expect(try await creds("noflock", "refresh").isSuccess)
        }
    }

    /// The name that a since killed process gives its files, as it is in its lock too.
    private func markOfKilled() async throws -> String {
        let calls = "?rename,?renameat,?renameat2"
        let inject = ["-e", "trace=\(calls)", "-e", "inject=\(calls):signal=SIGKILL:when=1"]
        let command = ["-f", "-qq", "-o", "/dev/null"] + inject + [Checkout.program("creds"), "refresh"]
        _ = try await Program(Strace.path, environment: home.environment).run(command)
        return try #require(home.unfinishedFiles.first?.split(separator: "/").last.map(String.init))
    }

    @Test(arguments: ["mode777", "otherowner", "mode777,otherowner"])
    func `where no file is private, an install says so before it asks for a key`(faults: String) async throws {
        try home.write("[default]\n", to: ".aws/config")
        let before = everything
        let refused = try await creds(faults, "install", "--url", "https://localhost:1", input: Home.key)
        #expect(refused.exitCode == 1)
        let folder = "\(home.path)/.config/bursar"
        let cause =
            faults.contains("otherowner")
            ? "gives our files to another user" : "keeps no file modes, so others could read a secret there"
        #expect(
            refused.errors == """
                creds: error: \(folder): this file system \(cause)
                creds: hint: put XDG_CONFIG_HOME and XDG_CACHE_HOME on one that does; in WSL that is your Linux home, not /mnt/c

                """
        )
        #expect(everything == before)
    }

    @Test(arguments: [("mode777", "keeps no file modes"), ("otherowner", "gives our files to another user")])
    func `a profile that came to such a place is refused by that name, never with a chmod`(
        faults: String,
        cause: String
    ) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            #expect(try await home.creds("install", "--url", server.url, input: Home.key).isSuccess)
            let files = everything
            for command in ["process", "refresh", "env", "whoami"] {
                let refused = try await creds(faults, command)
                #expect(refused.exitCode == 1)
                #expect(refused.errors.contains("temp-bedrock.json: this file system \(cause)"), "\(refused.errors)")
                #expect(!refused.errors.contains("chmod") && !refused.errors.contains("chown"))
            }
            let report = try await creds(faults, "doctor").output
            #expect(report.contains(cause), "\(report)")
            #expect(!report.contains("chmod 600") && !report.contains("chmod 700") && !report.contains("sudo chown"))
            #expect(everything == files)
        }
    }

    /// Users of WSL share one file between Windows and Linux like this.
    @Test func `AWS's own files may be in such a place`() async throws {
        try home.write("[default]\n", to: "mnt/c/config", mode: 0o777)
        var environment = try await FaultyFileSystem.environment(
            "mode777,nochmod,dirfsync",
            below: home.path.appending("mnt").string
        )
        environment["AWS_CONFIG_FILE"] = home.path.appending("mnt/c/config").string
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await home.creds(
                "install",
                "--url",
                server.url,
                input: Home.key,
                environment: environment
            )
            #expect(installed.isSuccess, "\(installed.errors)")
            #expect(try await home.creds("process", environment: environment).isSuccess)
            #expect(try await home.creds("uninstall", "--yes", environment: environment).isSuccess)
            #expect(home.text("mnt/c/config") == "[default]\n")
            #expect(home.files.filter { $0.hasPrefix("mnt") } == ["mnt/c/config"])
        }
    }

    @Test(arguments: [".config", ".aws", ""])
    func `a disk that fails once a file has its name leaves no key, and the files as they were`(
        folder: String
    ) async throws {
        try home.write("[default]\n", to: ".aws/config")
        try home.write("[temp-bedrock]\ncredential_process = /old.py\n", to: ".aws/credentials")
        let before = everything
        let texts = [home.text(".aws/config"), home.text(".aws/credentials")]
        var environment = try await FaultyFileSystem.environment(
            "dirfsyncio",
            below: home.path.appending(folder).string
        )
        environment.merge(home.environment) { $1 }
        try await FakeBursar.run(.hour, home: home) { [environment] server in
            let failed = try await Program(Checkout.program("creds"), environment: environment)
                .run(["install", "--take-over", "--url", server.url], input: Home.key)
            #expect(failed.exitCode == 1)
            #expect(failed.errors.contains("input/output error"), "\(failed.errors)")
        }
        #expect(everything == before)
        #expect([home.text(".aws/config"), home.text(".aws/credentials")] == texts)
    }

    @Test(.enabled(if: OtherUser.canBecome), arguments: [0o664, 0o660, 0o644, 0o600])
    func `a config file of a group that one isn't in keeps its owner and loses the group's rights`(
        mode: Int
    ) async throws {
        let ada = OtherUser(id: 61_003)
        try ada.own(home, "")
        try home.write("[default]\n", to: ".aws/config", mode: mode)
        try ada.own(home, ".aws")
        let root: [FileAttributeKey: Any] = [.ownerAccountID: ada.id, .groupOwnerAccountID: 0]
        try FileManager.default.setAttributes(root, ofItemAtPath: home.config.string)
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            #expect(installed.isSuccess, "\(installed.errors)")
            let stat = try home.config.stat()
            #expect(stat.userID.rawValue == UInt32(ada.id) && stat.groupID.rawValue == UInt32(ada.id))
            #expect(Int(stat.permissions.rawValue) == mode & 0o707)
            #expect(try await ada.creds(["uninstall", "--yes"], home).isSuccess)
            #expect(home.text(".aws/config") == "[default]\n")
        }
    }

    @Test(.enabled(if: OtherUser.canBecome))
    func `a config file of another user's is refused with the command that mends it`() async throws {
        let ada = OtherUser(id: 61_004)
        try ada.own(home, "")
        try home.write("[default]\n", to: ".aws/config", mode: 0o666)
        try ada.own(home, ".aws")
        let before = everything
        try await FakeBursar.run(.hour, home: home) { server in
            let refused = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            #expect(refused.exitCode == 1)
            #expect(
                refused.errors.hasSuffix(
                    """
                    creds: error: \(home.config): belongs to another user
                    creds: hint: sudo chown "$(id -un)" '\(home.config)', if it is to be yours

                    """
                )
            )
            #expect(everything == before)
        }
    }
}
