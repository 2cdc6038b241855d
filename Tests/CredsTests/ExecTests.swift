import BursarConsole
import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// `creds exec`, as built.
struct ExecTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `the command finds the profile, and nothing that would win over it`() async throws {
        let rivals = Dictionary(uniqueKeysWithValues: ChildEnvironment.rivals.map { ($0, "old") })
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--profile", "mine")
            let environment = rivals.merging(["AWS_PROFILE": "other", "KEPT": "a b\nc"]) { $1 }
            let outcome = try await home.creds("exec", "--profile", "mine", "--", "env", "-0", environment: environment)
            #expect(outcome.isSuccess && outcome.errors.isEmpty)
            let variables = Set(outcome.output.split(separator: "\0").map(String.init))
            let own = home.environment.merging(["KEPT": "a b\nc", "AWS_PROFILE": "mine"]) { $1 }
            #expect(variables == Set(own.map { "\($0)=\($1)" }))
        }
    }

    @Test func `a profile in another config file is found all the same`() {
        let child = ChildEnvironment(["AWS_CONFIG_FILE": "/a"], profile: .standard, configFile: "/b")
        #expect(child.variables == ["AWS_CONFIG_FILE": "/b", "AWS_PROFILE": "temp-bedrock"])
    }

    @Test func `with an endpoint of its own, the command finds that, and it ends with the command`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let script = """
                test -z "$AWS_PROFILE" || exit 3
                curl -sf -H "Authorization: $(cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")" \
                    "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
                echo " $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE $AWS_CONTAINER_CREDENTIALS_FULL_URI"
                exit 7
                """
            let environment = ["AWS_PROFILE": "other", "AWS_ACCESS_KEY_ID": "old"]
            let outcome = try await home.creds(
                "exec",
                "--container",
                "--",
                "sh",
                "-c",
                script,
                environment: environment
            )
            #expect(outcome.exitCode == 7)
            #expect(outcome.output.hasPrefix("{"))
            #expect(outcome.output.contains(#""AccessKeyId":"ASIAEXAMPLE0000000001""#))
            // The endpoint removes its token file when it ends.
            try await Waiting.until("the token file's removal") {
                !home.files.contains { $0.contains("token-") || $0.hasSuffix(".token") }
            }
            #expect(server.asked == 1)
        }
    }

    /// A supervisor waits like this, and so does Python's `os.wait` in a loop.
    @Test(.timeLimit(.minutes(5))) func `with --container a command has no child that it didn't start`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let wait = "import os\ntry: os.wait()\nexcept ChildProcessError: print('none')"
            let outcome = try await home.creds("exec", "--container", "--", "python3", "-c", wait)
            #expect(outcome.output == "none\n")
        }
    }

    @Test func `an endpoint that can't be started is an error, and the command doesn't run`() async throws {
        let child = EndpointChild(executable: "/bin/false", profile: .standard)
        await #expect(throws: UserFacingError.self) {
            try await child.start()
        }
    }

    @Test(arguments: [0, 1, 42, 255])
    func `its exit code is the command's`(code: Int) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let outcome = try await home.creds(
                "exec",
                "--",
                "sh",
                "-c",
                "cat; echo said >&2; exit \(code)",
                input: "in"
            )
            #expect(outcome.exitCode == code)
            #expect(outcome.output == "in")
            #expect(outcome.errors == "said\n")
        }
    }

    @Test(arguments: [Signal.terminate, .interrupt, .terminalClosed, .quit])
    func `a signal reaches the command itself, which takes all of them`(signal: Signal) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            // The first run asks the server: its HTTP thread exists when the command takes over.
            let script = "grep -E '^Sig(Blk|Ign)' /proc/self/status; echo ready; exec sleep 600"
            let ended = try await Subprocess.run(
                .path(FilePath(Checkout.program("creds"))),
                arguments: ["exec", "--", "sh", "-c", script],
                environment: .custom(["HOME": home.path.string, "PATH": "/usr/bin:/bin"]),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { child in
                var said: [String] = []
                for try await line in child.standardOutput.strings() {
                    said.append(String(line.trimmingASCIIWhitespace()))
                    if line.hasPrefix("ready") { break }
                }
                // Signals 1 to 31: glibc reserves some above them.
                let masks = said.compactMap { $0.split(separator: "\t").last }.compactMap { UInt64($0, radix: 16) }
                #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
                try child.send(signal: signal)
            }
            #expect(ended.terminationStatus == .signaled(signal.rawValue))
        }
    }

    @Test func `nothing that creds had open is left to the command`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let list = ["-c", #"exec "$0" "$@""#, Checkout.program("creds"), "exec", "--", "ls", "/proc/self/fd"]
            let cold = try await Program("/bin/sh", environment: home.environment).run(list)
            let bare = try await Program("/bin/sh", environment: home.environment).run(["-c", "exec ls /proc/self/fd"])
            #expect(server.asked == 1)
            #expect(cold.output == bare.output)
        }
    }

    @Test(arguments: [
        (["nowhere-to-be-found"], 127, "nowhere-to-be-found: no such program"),
        (["/nowhere/x"], 127, "/nowhere/x: no such program"), ([""], 127, ": no such program"),
        (["/etc/passwd"], 126, "/etc/passwd can't be run"), (["/etc"], 126, "/etc can't be run"),
    ])
    func `what can't be run has env's exit codes`(command: [String], code: Int, problem: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let failed = try await Program(Checkout.program("creds"), environment: home.environment)
                .run(["exec", "--"] + command)
            #expect(failed.exitCode == code)
            #expect(failed.errors.hasPrefix("creds: error: \(problem)\n"))
        }
    }

    @Test func `a script without a first line is read by sh`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.write("echo $AWS_PROFILE $1", to: "script", mode: 0o700)
            let outcome = try await home.creds("exec", "--", home.path.appending("script").string, "a")
            #expect(outcome.output == "temp-bedrock a\n")
        }
    }

    @Test(arguments: [["exec"], ["exec", "--"], ["exec", "true"], ["exec", "--min-left", "13h", "--", "true"]])
    func `its own failures are 125`(arguments: [String]) async throws {
        let refused = try await Program(Checkout.program("creds"), environment: home.environment).run(arguments)
        #expect(refused.exitCode == 125)
        #expect(refused.output.isEmpty)
    }

    @Test func `without a profile nothing is started`() async throws {
        let refused = try await home.creds("exec", "--", "echo", "started")
        #expect(refused.exitCode == 125)
        #expect(refused.output.isEmpty)
        #expect(refused.errors.hasPrefix("creds: error: profile temp-bedrock is not installed\n"))
    }

    @Test func `a job that would outlive its session isn't started`() async throws {
        try await FakeBursar.run(.fiveMinutes, .hour, home: home) { server in
            _ = try await server.install()
            let refused = try await home.creds("exec", "--min-left", "45m", "--", "echo", "started")
            #expect(refused.exitCode == 125)
            #expect(refused.output.isEmpty)
            #expect(refused.errors.hasPrefix("creds: error: the server's session ends in "))
            #expect(refused.errors.contains(", and --min-left asks for 45m\ncreds: hint: ask your operator for longer"))
            #expect(server.asked == 1)
            // The server has a longer one by now: it is asked although the old one is still fresh.
            let started = try await home.creds("exec", "--min-left", "45m", "--", "echo", "started")
            #expect(started.output == "started\n")
            #expect(try await home.creds("exec", "--min-left", "45m", "--", "true").isSuccess)
            #expect(server.asked == 2)
        }
    }

    @Test func `the server is asked for a session that is long enough`() async throws {
        try await FakeBursar.run(.wish, home: home) { server in
            _ = try await server.install()
            #expect(try await home.creds("process").isSuccess)
            let started = try await home.creds("exec", "--min-left", "45m", "--", "echo", "started")
            #expect(started.output == "started\n")
            #expect(server.asked == 2)
            // A sufficient session is not fetched again.
            #expect(try await home.creds("exec", "--min-left", "44m", "--", "true").isSuccess)
            #expect(server.asked == 2)
        }
    }

    @Test func `many jobs that need a long session ask for it once`() async throws {
        try await FakeBursar.run(.wish, home: home) { server in
            _ = try await server.install()
            let outcomes = try await withThrowingTaskGroup(of: Program.Outcome.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await home.creds("exec", "--min-left", "45m", "--", "true") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.isSuccess } == 20)
            #expect(server.asked == 1)
        }
    }

    @Test(arguments: [(3600, true), (3599, true), (3601, false)])
    func `the gate opens when as much is left as is asked for`(needed: Int, isOpen: Bool) {
        let gate = MinimumLifetimeCheck(needed: TimeSpan(seconds: needed))
        #expect(gate.accepts(CachedSessionTests.session(life: 3600), at: CachedSessionTests.now) == isOpen)
    }

    @Test(arguments: [
        ("a/b", "/bin", ["a/b"]), ("a", "/x:/y", ["/x/a", "/y/a"]), ("a", ":/y", ["./a", "/y/a"]),
        ("a", nil, ["/usr/bin/a", "/bin/a"]),
    ])
    func `a program is looked for as the shell does`(name: String, search: String?, paths: [String]) {
        #expect(ProcessExec.candidates(name, search: search) == paths)
    }
}
