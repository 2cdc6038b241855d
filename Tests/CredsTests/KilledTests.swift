import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// `kill -9` on entry to the first, second, third … of the calls that change files, up to the last.
@Suite(.enabled(if: Strace.isThere))
struct KilledTests {
    /// The names of a system call on different machines.
    static let calls = [
        "?write,?pwrite64", "?rename,?renameat,?renameat2", "?fsync,?fdatasync", "?unlink,?unlinkat",
    ]
    /// More calls than any of these runs makes.
    private static let most = 40
    private static let config = "[default]\nregion = x"
    private static let credentials = "[other]\naws_access_key_id = A\n[temp-bedrock]\ncredential_process = /old.py\n"

    @Test(arguments: calls)
    func `an install that is killed leaves a profile that works, and can be run again`(calls: String) async throws {
        let reference = try Self.home()
        try await FakeBursar.run(.hour, home: reference) { server in
            #expect(try await run(install(server), reference).isSuccess)
            let done = Files(reference)
            var states: Set<Files> = []
            for number in 1...Self.most {
                let home = try Self.home()
                guard try await isKilled(install(server), home, calls, number) else { break }
                let left = Files(home)
                states.insert(left)
                #expect([Self.config, done.config].contains(left.config))
                #expect([Self.credentials, done.credentials].contains(left.credentials))
                #expect(left.config == done.config || left.credentials == Self.credentials)
                if left.config == done.config { #expect(try await home.creds("process").isSuccess) }
                home.ageUnfinishedFiles()
                #expect(try await run(install(server), home).isSuccess)
                #expect(Files(home) == done)
                #expect(home.unfinishedFiles.isEmpty)
                #expect(try await home.creds("uninstall", "--yes").isSuccess)
                #expect(Files(home) == .before)
                #expect(home.files == [".aws/config", ".aws/credentials"])
            }
            try await expectAWSReads(states)
        }
    }

    @Test(arguments: calls, [true, false])
    func `a refresh that is killed leaves a session that works or none`(calls: String, isCached: Bool) async throws {
        try await FakeBursar.run(.hour, home: try Home()) { server in
            for number in 1...Self.most {
                let home = try Home()
                _ = try await run(install(server), home)
                if isCached { try home.writeDueSession() }
                guard try await isKilled(Run(arguments: ["process"]), home, calls, number) else { break }
                let cached = try home.cacheFile().flatMap { home.text($0) }
                if isCached { #expect(cached?.contains("ASIA") == true) }
                let output = try await home.creds("process")
                #expect(output.isSuccess && output.errors.isEmpty)
                home.ageUnfinishedFiles()
                #expect(try await home.creds("refresh").isSuccess)
                #expect(home.unfinishedFiles.isEmpty)
            }
        }
    }

    @Test(arguments: calls)
    func `an uninstall that is killed can be run again`(calls: String) async throws {
        try await FakeBursar.run(.hour, home: try Home()) { server in
            for number in 1...Self.most {
                let home = try Self.home()
                _ = try await run(install(server), home)
                _ = try await home.creds("process")
                guard try await isKilled(Run(arguments: ["uninstall", "--yes"]), home, calls, number) else { break }
                let isThere = home.text(".config/bursar/temp-bedrock.json") != nil
                home.ageUnfinishedFiles()
                let again = try await home.creds("uninstall", "--yes")
                #expect(again.isSuccess == isThere)
                if !isThere { #expect(again.errors.contains("profile temp-bedrock is not installed")) }
                #expect(Files(home) == .before)
                #expect(home.files == [".aws/config", ".aws/credentials"])
            }
        }
    }

    /// Returns false if the run ended before its `number`-th call.
    private func isKilled(_ run: Run, _ home: Home, _ calls: String, _ number: Int) async throws -> Bool {
        let inject = ["-e", "trace=\(calls)", "-e", "inject=\(calls):signal=SIGKILL:when=\(number)"]
        let command = ["-f", "-qq", "-o", "/dev/null"] + inject + [Checkout.program("creds")] + run.arguments
        let outcome = try await Program(Strace.path, environment: home.environment).run(command, input: run.input)
        guard outcome.exitCode != nil else {
            try #require(number < Self.most)
            return true
        }
        #expect(outcome.isSuccess, "\(outcome.errors)")
        // Each makes each of these calls but one: an install has nothing to unlink.
        #expect(number > 1 || calls.contains("unlink"))
        return false
    }

    private struct Run {
        let arguments: [String]
        var input = ""
    }

    private func install(_ server: FakeBursar) -> Run {
        Run(arguments: ["install", "--take-over", "--url", server.url], input: Home.key)
    }

    private func run(_ run: Run, _ home: Home) async throws -> Program.Outcome {
        try await Program(Checkout.program("creds"), environment: home.environment).run(run.arguments, input: run.input)
    }

    private static func home() throws -> Home {
        let home = try Home()
        try home.write(config, to: ".aws/config")
        try home.write(credentials, to: ".aws/credentials")
        return home
    }

    /// The AWS CLI and boto3 find all profiles in each of the states.
    private func expectAWSReads(_ states: Set<Files>) async throws {
        for state in states {
            let home = try Home()
            try home.write(state.config ?? "", to: ".aws/config")
            try home.write(state.credentials ?? "", to: ".aws/credentials")
            let script = "import botocore.session; print(*sorted(botocore.session.Session().available_profiles))"
            let listed = try await Program(Checkout.peer("python"), environment: home.environment).run(["-c", script])
            #expect(listed.output == "default other temp-bedrock\n")
        }
    }

    private struct Files: Hashable {
        static let before = Files(config: KilledTests.config, credentials: KilledTests.credentials)
        let config: String?
        let credentials: String?

        init(config: String?, credentials: String?) {
            self.config = config
            self.credentials = credentials
        }

        init(_ home: Home) {
            self.init(config: home.text(".aws/config"), credentials: home.text(".aws/credentials"))
        }
    }
}

enum Strace {
    static let path = "/usr/bin/strace"
    static let isThere = (try? FilePath(path).stat()) != nil
}
