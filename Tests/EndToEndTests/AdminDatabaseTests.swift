import BursarFoundation
import BursarModel
import Subprocess
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `admin database …` with and without a server on the same database.
@Suite struct AdminDatabaseTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]

    private let world: World

    init() throws {
        world = try World()
    }

    private func server() async throws -> String? {
        struct Summary: Decodable {
            let isServed: Bool
            let serverProcess: Int?
        }
        let text = try await succeeded(world.admin("database info --format json")).output
        let summary = try JSONDecoder().decode(Summary.self, from: Data(text.utf8))
        return summary.isServed ? summary.serverProcess.map(String.init) : nil
    }

    /// Runs `admin` on another database.
    private func admin(_ line: String, on database: String) async throws -> Program.Outcome {
        try await world.run(Checkout.program("admin"), words(line), ["BURSAR_DATABASE": database])
    }

    @Test func `a server shows while it is there, and not once it was killed`() async throws {
        _ = try await world.onboardAda()
        #expect(try await server() == nil)
        try await world.serve(Self.simulated) { child in
            let process = child.processID.value
            #expect(try await server() == "\(process)")
            kill(process, SIGKILL)
            try await Waiting.until("the kernel to take the lock away") { try await server() == nil }
        }
    }

    @Test func `a second server on the same database is warned about`() async throws {
        _ = try await world.onboardAda()
        try await world.serve(Self.simulated) { first in
            try await world.serve(Self.simulated, announcement: "rates count for each by itself process=") { second in
                #expect(second.port == Int(first.processID.value))
            }
        }
    }

    @Test func `a switch without a server has a note that none obeys it`() async throws {
        try await succeeded(world.admin("database init"))
        let alone = try await succeeded(world.admin("vending pause --yes")).errors
        #expect(alone.contains("no server works on this database on this machine"))
        try await world.serve(Self.simulated) { _ in
            let served = try await succeeded(world.admin("vending resume")).errors
            #expect(!served.contains("no server"))
        }
    }

    @Test func `a backup is made beside a server, checked, and restored elsewhere with nobody enabled`() async throws {
        let key = try await world.onboardAda()
        let (copy, new) = (world.home + "/copy.sqlite", world.home + "/new/bursar.sqlite")
        try await world.serve(Self.simulated) { server in
            #expect(try await world.refusal(server.url + "/credentials", key: key.text) == nil)
            let made = try await succeeded(world.admin("database backup", copy))
            #expect(made.output.isEmpty)
            #expect(made.errors.contains("checked"))
            let nowhere = try await world.admin("database backup", world.home + "/none/copy.sqlite")
            #expect(nowhere.exitCode == 1)
            #expect(nowhere.errors.contains("there is no folder \(world.home)/none\n"))
            let again = try await world.admin("database backup", copy)
            #expect(again.exitCode == 1)
            #expect(again.errors.contains("there is a file at"))
        }
        try await succeeded(admin("database check", on: copy))
        let restored = try await world.run(
            Checkout.program("admin"),
            ["database", "restore", copy, "--format", "csv"],
            ["BURSAR_DATABASE": new]
        )
        #expect(restored.isSuccess)
        #expect(restored.output.contains("\(key.id),ada,laptop,unknown since the backup,disabled"))
        #expect(restored.errors.contains("admin researchers enable --disabled-by-restore"))
        let asked = try await admin("researchers enable --disabled-by-restore", on: new)
        #expect(asked.exitCode == 1, "nobody is there to be asked")
        let enabled = try await succeeded(admin("researchers enable --disabled-by-restore --yes", on: new))
        #expect(enabled.errors.contains("ada is switched on"))
        let again = try await succeeded(admin("researchers enable --disabled-by-restore --yes", on: new))
        #expect(again.errors.contains("no researcher is disabled by a restore"))
        #expect(try await admin("researchers enable ada --disabled-by-restore", on: new).exitCode == 64)
        #expect(try await admin("researchers enable", on: new).exitCode == 64)
        #expect(try await succeeded(admin("researchers enable ada ADA", on: new)).errors.contains("not switched off"))
        #expect(try await admin("database restore " + "x", on: new).errors.contains("there is a file at"))
    }

    @Test func `compared with the database as it is, only what was revoked since is revoked`() async throws {
        let kept = try await world.onboardAda()
        let lost = try await world.issueKey("--label lost")
        let (copy, new) = (world.home + "/copy.sqlite", world.home + "/new/bursar.sqlite")
        try await succeeded(world.admin("database backup", copy))
        try await succeeded(world.admin("keys revoke \(lost.id) --reason stolen --yes"))
        let arguments = ["database", "restore", copy, "--compare", world.database]
        let restored = try await world.run(Checkout.program("admin"), arguments, ["BURSAR_DATABASE": new])
        #expect(restored.output.contains("\(lost.id)"))
        #expect(!restored.output.contains("\(kept.id)"))
        #expect(restored.errors.contains("work as they did: 1 key"))
    }

    @Test func `nothing is restored under a server, nor migrated`() async throws {
        _ = try await world.onboardAda()
        let copy = world.home + "/copy.sqlite"
        try await succeeded(world.admin("database backup", copy))
        try await world.serve(Self.simulated) { _ in
            for suffix in ["", "-wal", "-shm"] {
                try FileManager.default.removeItem(atPath: world.database + suffix)
            }
            let restored = try await world.admin("database restore", copy)
            #expect(restored.exitCode == 1)
            #expect(restored.errors.contains("a server is at work"))
            #expect(try await world.admin("database migrate").errors.contains("a server is at work"))
        }
    }

    @Test func `a flaw is named, with exit 1`() async throws {
        _ = try await world.onboardAda()
        let sound = try await succeeded(world.admin("database check --format json")).output
        #expect(sound.contains(#""passed" : true"#))
        try await world.edit("UPDATE records SET actor = 'eve' WHERE sequence = 1")
        let flawed = try await world.admin("database check")
        #expect(flawed.exitCode == 1)
        #expect(flawed.output.contains("record 1 doesn't follow from those before it"))
    }

    /// Runs `admin` and kills it at the call that would give a finished file its name.
    private static let killing = [
        "-f", "-qq", "-o", "/dev/null", "-e", "trace=?link,?linkat", "-e", "inject=?link,?linkat:signal=SIGKILL",
        Checkout.program("admin"),
    ]

    /// Killed when only the name is missing.
    @Test(arguments: ["backup", "restore", "copy"])
    func `what a killed run left goes with the next one, and nothing else does`(_ command: String) async throws {
        _ = try await world.onboardAda()
        let (backup, folder) = (world.home + "/backup.sqlite", world.home + "/there")
        try await succeeded(world.admin("database backup", backup))
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let target = folder + "/new.sqlite"
        let arguments: [String] =
            switch command {
            case "backup": ["database", "backup", target]
            case "restore": ["database", "restore", backup, "--database", target]
            default: ["database", "copy", world.database, target]
            }
        let killed = try await world.run("/usr/bin/strace", Self.killing + arguments)
        #expect(!killed.isSuccess)
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
        let left = try names()
        let unfinished = try #require(left.first)
        #expect(left.allSatisfy { $0.hasPrefix(".bursar-") }, "\(left)")

        // One that is killed earlier has SQLite's own files beside it.
        for ending in ["-wal", "-shm", "-journal"] {
            try Data("x".utf8).write(to: URL(filePath: folder + "/" + unfinished + ending))
        }
        // Names of that kind that are another's: too young to tell, and a link.
        let (foreign, link) = (folder + "/.bursar-notes", folder + "/\(unfinished)x")
        try Data("mine".utf8).write(to: URL(filePath: foreign))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: backup)
        try await succeeded(world.run(Checkout.program("admin"), arguments))
        #expect(try names().filter { $0 != "new.sqlite" } == [".bursar-notes", unfinished + "x"].sorted())
        #expect(try Data(contentsOf: URL(filePath: foreign)) == Data("mine".utf8))
        try await succeeded(admin("database check", on: target))
    }

    @Test func `doctor names what a killed run left beside the database`() async throws {
        _ = try await world.onboardAda()
        let folder = String(world.database.dropLast("/bursar.sqlite".count))
        let backup = ["database", "backup", folder + "/copy.sqlite"]
        #expect(try await !world.run("/usr/bin/strace", Self.killing + backup).isSuccess)
        let doctor = try await world.admin("doctor")
        #expect(doctor.output.contains("1 unfinished, of runs that were killed, beside it"), "\(doctor.output)")
        try await succeeded(world.admin("database backup", folder + "/copy.sqlite"))
        #expect(try await !world.admin("doctor").output.contains("unfinished"))
    }

    @Test func `ctrl-C ends a backup without a trace but its record`() async throws {
        _ = try await world.onboardAda()
        // Stopped before its start: the process holds its signal until it can be asked for.
        let script = """
            "$0" database backup "$1" & process=$!
            kill -INT $process; wait $process; exit $?
            """
        let copy = world.home + "/copy.sqlite"
        let outcome = try await world.run("/bin/sh", ["-c", script, Checkout.program("admin"), copy])
        let isThere = FileManager.default.fileExists(atPath: copy)
        #expect(outcome.isSuccess == isThere, "all or nothing")
        let left = try FileManager.default.contentsOfDirectory(atPath: world.home)
        #expect(!left.contains { $0.hasPrefix(".bursar-") })
    }
}
