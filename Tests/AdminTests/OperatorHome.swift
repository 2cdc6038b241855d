import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// An operator's home and database, and the built `admin`; gone after the test.
final class OperatorHome: Sendable {
    let folder: String
    let database: String

    init() throws {
        let name = "bursar-admin-" + String(UInt64.random(in: .min ... .max), radix: 16)
        folder = FileManager.default.temporaryDirectory.appending(component: name).path(percentEncoded: false)
        database = folder + "/state/bursar.sqlite"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs `admin` with the words of `line` and then `more` as they are.
    func admin(
        _ line: String,
        _ more: String...,
        settings: [String: String] = [:],
        input: String = ""
    ) async throws -> Program.Outcome {
        try await run(words(line) + more, settings, input)
    }

    /// What it prints; the test fails when it doesn't succeed.
    func prints(
        _ line: String,
        _ more: String...,
        settings: [String: String] = [:],
        input: String = ""
    ) async throws -> String {
        let outcome = try await run(words(line) + more, settings, input)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    private func run(
        _ arguments: [String],
        _ settings: [String: String],
        _ input: String
    ) async throws -> Program.Outcome {
        let own = ["PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "BURSAR_DATABASE": database]
        return try await Program(Checkout.program("admin"), environment: own.merging(settings) { $1 })
            .run(arguments, input: input)
    }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    /// Makes the database, with a researcher in it.
    func addAda() async throws {
        _ = try await prints("database init")
        _ = try await prints("researchers add ada --email ada@example.edu --project engines --name", "Ada Lovelace")
    }

    /// Issues a key of ada's and returns its id.
    func issueKey(_ options: String = "") async throws -> String {
        let key = try ResearcherKey(parsing: try await prints("keys issue ada " + options))
        return key.id.description
    }

    /// Writes a file in the home and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let path = folder + "/" + name
        let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Runs SQL on a database as somebody who hides something would, in Python: file and SQL; triggers that were in the
    /// way are put back.
    static let tampering = """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1], timeout=20) as db:
            triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            db.executescript(sys.argv[2])
            left = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
            for name, sql in triggers:
                if name not in left: db.execute(sql)
        """

    /// Changes the database past the programs.
    func tamper(_ sql: String) async throws {
        let outcome = try await Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"])
            .run(["python3", "-c", Self.tampering, database, sql])
        try #require(outcome.isSuccess, "\(outcome.errors)")
    }
}

/// A JSON document as dictionaries of what is asked for.
func decoded<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
}
