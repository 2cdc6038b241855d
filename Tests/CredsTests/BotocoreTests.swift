import BursarConsole
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// Installed files as botocore reads them, on which the AWS CLI and boto3 are built.
struct BotocoreTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    /// botocore refuses the one file that had a duplicate section before the install.
    @Test(
        arguments: ConfigEditTests.additions.map(\.before).filter {
            !$0.contains("[a]\nk=2") && !$0.hasPrefix("\u{FEFF}")
        }
    )
    func `botocore sees our profile, and the others as before`(before: String) async throws {
        let path = "/home/ada's $HOME/dir with blank/creds"
        let command = try #require(ShellWord.inCredentialProcess(path)) + " process --profile temp-bedrock"
        let entry = ProfileEntry(name: .standard, command: command, region: "us-west-2")
        let edit = try ConfigEdit.install(entry, in: Array(before.utf8), record: nil, replaces: false)
        try home.write(before, to: "before")
        try home.write(String(decoding: edit.content, as: UTF8.self), to: "after")
        let seen = try await python(
            """
            import json, sys
            from botocore.compat import compat_shell_split
            from botocore.configloader import load_config
            before, after = (load_config(sys.argv[1] + name)["profiles"] for name in ("/before", "/after"))
            ours = after.pop("temp-bedrock")
            assert before == after, (before, after)
            print(json.dumps([compat_shell_split(ours["credential_process"]), ours["region"]]))
            """,
            home.path.string
        )
        #expect(seen.errors.isEmpty)
        #expect(seen.output == #"[["\#(path)", "process", "--profile", "temp-bedrock"], "us-west-2"]"# + "\n")
    }

    @Test(arguments: ["/usr/bin/creds", "/a b/creds", "/it's/creds", "/$HOME/`id`/creds", "/é/\"x\"/creds", "/a;b&c|d"])
    func `a shell and shlex get the same path back`(path: String) async throws {
        let word = try #require(ShellWord.inCredentialProcess(path))
        let shlex = try await python("import shlex, sys; print(*shlex.split(sys.argv[1]), sep='\\n')", word)
        #expect(shlex.output == path + "\n")
        let shell = try await Program("/bin/sh").run(["-c", "printf '%s\\n' \(word)"])
        #expect(shell.output == path + "\n")
    }

    @Test func `boto3 gets its credentials from a program at a path with blanks, in a home folder with blanks`()
        async throws
    {
        let folder = home.path.appending("my programs")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
        let program = folder.appending("creds").string
        try FileManager.default.copyItem(atPath: Checkout.program("creds"), toPath: program)
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await Program(program, environment: home.environment)
                .run(["install", "--url", server.url], input: Home.key)
            #expect(installed.isSuccess)
            let seen = try await boto3()
            #expect(seen.errors.isEmpty)
            #expect(seen.output == "ASIAEXAMPLE0000000001\n")
            #expect(server.asked == 1)
        }
    }

    @Test func `a refusal's code reaches the exception that boto3 raises`() async throws {
        try await FakeBursar.run(.revoked, home: home) { server in
            _ = try await server.install()
            let seen = try await boto3()
            #expect(!seen.isSuccess)
            #expect(seen.errors.contains("creds: error: this key was revoked (key_revoked)"))
        }
    }

    private func boto3() async throws -> Program.Outcome {
        try await python("import boto3; print(boto3.Session(profile_name='temp-bedrock').get_credentials().access_key)")
    }

    private func python(_ script: String, _ arguments: String...) async throws -> Program.Outcome {
        try await Program(Checkout.peer("python"), environment: home.environment).run(["-c", script] + arguments)
    }
}
