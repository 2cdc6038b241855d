import BursarFoundation
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `admin` on file systems without folder syncs, modes, owners or locks, and with paths that a shell left alone.
struct FaultyFileSystemTests {
    private static let strace = "/usr/bin/strace"
    let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private func faults(_ words: String, in folder: String = "") async throws -> [String: String] {
        try await FaultyFileSystem.environment(words, below: home.folder + folder)
    }

    private var everything: [String] {
        get throws { try FileManager.default.subpathsOfDirectory(atPath: home.folder).sorted() }
    }

    @Test(arguments: [
        "noflock", "dirfsync", "nochmod", "nochown", "nolink", "noflock,dirfsync,nochmod,nochown,nolink",
    ])
    func `what a file system lacks that isn't needed keeps no operator from anything`(words: String) async throws {
        let settings = try await faults(words)
        let csv = try home.write("handle,name,email,project\nbob,Bob,bob@example.edu,p\n", to: "people.csv")
        for line in [
            "database init", "researchers add ada --name Ada --email ada@example.edu --project engines",
            "keys issue ada --key-file \(home.folder)/key", "keys import \(csv) --output \(home.folder)/keys.csv",
            "usage report --format csv --output \(home.folder)/r.csv",
            "usage report --format html --force --output \(home.folder)/r.csv",
            "usage export --output \(home.folder)/records.jsonl", "database backup \(home.folder)/copy.sqlite",
            "database restore \(home.folder)/copy.sqlite --database \(home.folder)/again/b.sqlite", "database check",
        ] {
            let ran = try await home.admin(line, settings: settings)
            #expect(ran.isSuccess, "\(line): \(ran.errors)")
        }
        for name in ["key", "keys.csv", "r.csv", "records.jsonl", "copy.sqlite", "again/b.sqlite"] {
            let mode = try FilePath(home.folder + "/" + name).stat().permissions.rawValue
            #expect(mode == 0o600, "\(name)")
        }
        #expect(try everything.filter { $0.contains(".bursar-") }.isEmpty)
        for line in ["database backup \(home.folder)/copy.sqlite", "keys issue ada --key-file \(home.folder)/key"] {
            let refused = try await home.admin(line, settings: settings)
            #expect(refused.errors.contains("there is a file at"), "\(line): \(refused.errors)")
        }
    }

    @Test(arguments: [("mode777", "keeps no file modes"), ("otherowner", "gives our files to another user")])
    func `where no file is private, none is made, and that is why`(words: String, cause: String) async throws {
        try await home.addAda()
        try FileManager.default.createDirectory(atPath: home.folder + "/mnt", withIntermediateDirectories: false)
        let settings = try await faults(words, in: "/mnt")
        let mount = home.folder + "/mnt"
        let csv = try home.write("handle,name,email,project\nbob,Bob,bob@example.edu,p\n", to: "people.csv")
        let records = try await home.output("audit list --format json")
        for line in [
            "keys issue ada --key-file \(mount)/key", "keys import \(csv) --output \(mount)/keys.csv",
            "usage report --format csv --output \(mount)/r.csv", "usage export --output \(mount)/records.jsonl",
            "database backup \(mount)/copy.sqlite", "database init --database \(mount)/new/b.sqlite",
        ] {
            let refused = try await home.admin(line, settings: settings)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains(": this file system \(cause)"), "\(line): \(refused.errors)")
            #expect(refused.errors.contains("admin: hint: name a place on a file system that keeps modes and owners"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: mount).isEmpty, "\(line)")
        }
        #expect(try await home.output("audit list --format json") == records)
    }

    @Test func `a disk that fails once a key's file has its name leaves neither file nor key`() async throws {
        try await home.addAda()
        try FileManager.default.createDirectory(atPath: home.folder + "/keys", withIntermediateDirectories: false)
        let settings = try await faults("dirfsyncio", in: "/keys")
        let failed = try await home.admin("keys issue ada --key-file \(home.folder)/keys/a", settings: settings)
        #expect(failed.exitCode == 1 && failed.errors.contains("input/output error"), "\(failed.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.folder + "/keys").isEmpty)
        #expect(try await home.output("keys list --format csv").split(separator: "\n").count <= 1)
    }

    @Test(arguments: [("nofcntl", "locks (fcntl)"), ("filefsync", "fsync")])
    func `where SQLite can't keep its word there is no database, and that is why`(
        words: String,
        lack: String
    ) async throws {
        let refused = try await home.admin("database init", settings: try await faults(words))
        #expect(refused.exitCode == 1)
        #expect(
            refused.errors == """
                admin: error: the file system of \(home.database) has no \(lack), which SQLite needs
                admin: hint: use a local disk

                """
        )
        #expect(try everything.isEmpty)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: strace)))
    func `what a killed backup or export leaves, the next one clears away`() async throws {
        try await home.addAda()
        let target = "\(home.folder)/backups/copy.sqlite"
        try FileManager.default.createDirectory(atPath: home.folder + "/backups", withIntermediateDirectories: false)
        for command in [["database", "backup", target], ["usage", "export", "--output", target]] {
            let environment = ["PATH": "/usr/bin:/bin", "HOME": home.folder, "BURSAR_DATABASE": home.database]
            let killing =
                ["-f", "-qq", "-o", "/dev/null", "-e", "trace=?link,?linkat"]
                + ["-e", "inject=?link,?linkat:signal=SIGKILL:when=1", Checkout.program("admin")]
            let killed = try await Program(Self.strace, environment: environment).run(killing + command)
            #expect(killed.exitCode == nil)
            let left = try FileManager.default.contentsOfDirectory(atPath: home.folder + "/backups")
            #expect(left.count == 1 && left[0].hasPrefix(".bursar-"), "\(left)")
            let again = try await home.admin(command.joined(separator: " "))
            #expect(again.isSuccess, "\(again.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: home.folder + "/backups") == ["copy.sqlite"])
            try FileManager.default.removeItem(atPath: target)
        }
    }

    @Test(arguments: [true, false])
    func `a path that begins with ~ is below the home, as an option and as a setting`(isOption: Bool) async throws {
        let settings = isOption ? [:] : ["BURSAR_DATABASE": "~/db/b.sqlite"]
        let option = isOption ? " --database=~/db/b.sqlite" : ""
        let made = try await home.admin("database init" + option, settings: settings)
        #expect(made.isSuccess, "\(made.errors)")
        #expect(made.errors.contains("made \(home.folder)/db/b.sqlite\n"))
        for line in [
            "researchers add ada --name Ada --email ada@example.edu --project engines",
            "keys issue ada --key-file=~/key",
            "usage report --format csv --output=~/r.csv", "usage export --output=~/e.jsonl",
            "database backup ~/c.sqlite",
            "database restore ~/c.sqlite --compare=~/db/b.sqlite --database=~/again.sqlite",
        ] {
            let isRestore = line.hasPrefix("database restore")
            let ran = try await home.admin(line + (isRestore ? "" : option), settings: settings)
            #expect(ran.isSuccess, "\(line): \(ran.errors)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: home.folder)
        #expect(Set(names).isSuperset(of: ["again.sqlite", "c.sqlite", "db", "e.jsonl", "key", "r.csv"]))
    }

    @Test(
        arguments: [
            ("database init --database=~ada/b.sqlite", [:]), ("database init", ["BURSAR_DATABASE": "~ada/b.sqlite"]),
            ("keys issue ada --key-file=~ada/key", [:]), ("usage report --output=~ada/r", [:]),
            ("database backup ~ada/c", [:]), ("database info --config=~ada/c.yaml", [:]),
            ("iam create --key-file=~ada/key", [:]),
        ] as [(String, [String: String])]
    )
    func `another person's home is refused, and nothing is made`(
        line: String,
        settings: [String: String]
    ) async throws {
        let refused = try await home.admin(line, settings: settings)
        #expect(refused.exitCode != 0)
        let problem = "the shell left the ~ as it is, and only ~/ is known here"
        #expect(refused.errors.contains(problem), "\(refused.errors)")
        #expect(try everything.isEmpty)
    }

    @Test(
        arguments: [
            "database init --database=PATH", "database init", "keys issue ada --key-file=PATH",
            "usage report --output=PATH", "database backup PATH", "database info --config=PATH",
            "iam create --key-file=PATH",
        ],
        [
            ("$HOME/b", "$HOME was left as it is"), ("${NOSUCH}/b", "$NOSUCH was left as it is"),
            ("\"/b\"", "the quotation marks were left"), ("sqlite:///b", "an address, and a path is needed"),
        ]
    )
    func `what a shell should have taken out of a path is refused, and nothing is made`(
        line: String,
        path: (text: String, problem: String)
    ) async throws {
        let settings = line.contains("PATH") ? [:] : ["BURSAR_DATABASE": path.text]
        let refused = try await home.admin(line.replacing("PATH", with: path.text), settings: settings)
        #expect(refused.exitCode != 0)
        #expect(refused.errors.contains(path.problem), "\(refused.errors)")
        #expect(refused.errors.contains("rite "), "\(refused.errors)")
        #expect(try everything.isEmpty)
    }

    @Test(arguments: ["fifo", "/dev/stdout", "link"])
    func `a key goes into a file of its own, and into nothing else`(kind: String) async throws {
        try await home.addAda()
        var path = kind
        switch kind {
        case "fifo":
            path = home.folder + "/fifo"
            #expect(mkfifo(path, 0o600) == 0)
        case "link":
            path = home.folder + "/link"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        default: break
        }
        let refused = try await home.admin("keys issue ada --key-file \(path)")
        #expect(refused.exitCode == 1 && refused.output.isEmpty)
        #expect(
            refused.errors == """
                admin: error: \(path) is no file of its own
                admin: hint: name a new one, or leave it out: keys are printed then

                """
        )
    }
}
