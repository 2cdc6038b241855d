import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// An operator with a home and a database of their own, gone after the test.
final class KeysWorld: Sendable {
    let home: String

    init() throws {
        let name = "bursar-keys-" + String(UInt64.random(in: .min ... .max), radix: 16)
        home = FileManager.default.temporaryDirectory.appending(component: name).path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: home)
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "TERM": "xterm",
            "BURSAR_DATABASE": home + "/bursar.sqlite",
        ]
    }

    /// `admin` with these words.
    func admin(_ words: [String], _ changes: [String: String] = [:]) async throws -> Program.Outcome {
        let environment = environment.merging(changes) { $1 }
        return try await Program(Checkout.program("admin"), environment: environment).run(words)
    }

    /// `admin` with the words of `line`, and then `more` as they are.
    func admin(_ line: String, _ more: String...) async throws -> Program.Outcome {
        try await admin(line.split(separator: " ").map(String.init) + more)
    }

    /// The same, which must succeed; what it printed.
    @discardableResult
    func output(_ line: String, _ more: String...) async throws -> String {
        let outcome = try await admin(line.split(separator: " ").map(String.init) + more)
        try #require(outcome.exitCode == 0, "\(line): \(outcome.errors)")
        return outcome.output
    }

    /// What it says on stderr, when it must fail with `code`.
    func refusal(_ line: String, _ more: String..., code: Int = 1) async throws -> String {
        let before = try await dump()
        let outcome = try await admin(line.split(separator: " ").map(String.init) + more)
        #expect(outcome.exitCode == code, "\(line): \(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try await dump() == before, "\(line) changed the database")
        return outcome.errors
    }

    /// A database with ada in it.
    func begin() async throws {
        try await output("database init")
        try await add("ada")
    }

    func add(_ handle: String, project: String = "engines") async throws {
        try await output(
            "researchers add \(handle) --email \(handle)@example.edu --project \(project) --name",
            "Ada L."
        )
    }

    /// A new key of ada's, by its id.
    func issue(_ options: String = "") async throws -> String {
        let text = try await output("keys issue ada --quiet " + options)
        return try ResearcherKey(parsing: text).id.description
    }

    func python(_ script: String, _ arguments: [String]) async throws -> String {
        let program = Program("/usr/bin/env", environment: environment)
        let outcome = try await program.run(["python3", "-c", script] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    /// Runs SQL in another program than ours; the rows, a line each.
    @discardableResult
    func sql(_ statement: String) async throws -> String {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=20) as db:
                for row in db.execute(sys.argv[2]): print(*row, sep="|")
            """
        return try await python(script, [home + "/bursar.sqlite", statement])
    }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: home + "/" + name))
        return home + "/" + name
    }

    func text(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: home + "/" + name))).map { String(decoding: $0, as: UTF8.self) }
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: home + "/" + name)[.posixPermissions] as? Int
    }

    /// All that the database holds, as SQL.
    private func dump() async throws -> String {
        let script = """
            import sqlite3, sys
            print(*sqlite3.connect(sys.argv[1], timeout=20).iterdump(), sep="\\n")
            """
        return try await python(script, [home + "/bursar.sqlite"])
    }
}
