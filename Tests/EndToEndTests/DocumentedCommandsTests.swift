import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// The programs accept every documented command.
@Suite struct DocumentedCommandsTests {
    private static let programs = ["admin", "creds", "vending-server"]

    /// Commands in blocks of code, without those in the text.
    ///
    /// A word may be a placeholder (HANDLE, `…`): the program has to parse it all the same.
    private static func shown(by program: String, on page: Page) -> [String] {
        page.blocks.filter { ["", "sh", "bash", "console"].contains($0.language) }.flatMap(\.typed)
            .flatMap { ShellLine.ours(in: $0) }
            .filter { $0.hasPrefix(program + " ") }
            .map { $0.replacing("…", with: "x") }
    }

    @Test(arguments: programs)
    func `every command and option that a page names is there`(_ program: String) async throws {
        let tree = try await CommandTree.of(program)
        var count = 0
        for page in try Page.all() {
            let inline = page.inlineCode.flatMap { ShellLine.ours(in: $0) }.filter { $0.hasPrefix(program + " ") }
            for command in Self.shown(by: program, on: page) + inline {
                let flaw = tree.flaw(in: Array(ShellLine.words(of: command).dropFirst()))
                #expect(flaw == nil, "\(page.name): \(command)")
                count += 1
            }
        }
        #expect(count >= 3)
    }

    @Test func `admin understands every command that a page shows`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        for page in try Page.all() {
            for command in Self.shown(by: "admin", on: page) {
                let outcome = try await run(command, in: world, home: world.home)
                #expect(outcome.exitCode != 64, "\(page.name): \(command): \(outcome.errors)")
            }
        }
    }

    @Test func `creds understands every command that a page shows`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            for page in try Page.all() {
                let home = world.home + "/" + page.name.replacing("/", with: "-")
                try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
                for command in Self.shown(by: "creds", on: page) {
                    let command = command.replacing(/https:\/\/bursar\.example\.(org|edu)/, with: server.url)
                    let input = key.text.reveal()
                    let outcome = try await run(command, in: world, home: home, input: input)
                    #expect(outcome.exitCode != 64, "\(page.name): \(command): \(outcome.errors)")
                    #expect(outcome.exitCode != 124, "\(page.name): \(command) did not end")
                }
            }
        }
    }

    @Test func `the server understands every command that a page shows`() async throws {
        let world = try World()
        for page in try Page.all() {
            for command in Self.shown(by: "vending-server", on: page) {
                let outcome = try await run(command, in: world, home: world.home)
                #expect(outcome.exitCode != 64, "\(page.name): \(command): \(outcome.errors)")
            }
        }
    }

    /// Writes nothing outside the world's folder, and connects to this machine only.
    private func run(
        _ command: String,
        in world: World,
        home: String,
        input: String = ""
    ) async throws -> Program.Outcome {
        // These run until they are stopped.
        let isEndless = command.contains(/^(creds (serve|proxy)|vending-server (serve|dev))( |$)/)
        let command = command.replacing(/(^|[ "=])\/(var|etc|tmp)\//) { "\($0.1)\($0.2)/" }
            .replacing(" --parent $$", with: "")
        let changes = [
            "PATH": Checkout.program("") + ":/usr/bin:/bin", "HOME": home, "HTTPS_PROXY": "http://127.0.0.1:9",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1",
        ]
        let line = "cd \"$HOME\" && timeout 120 " + command + (isEndless ? " --help" : "")
        return try await world.run("/bin/bash", ["-c", line], changes, input: input)
    }
}
