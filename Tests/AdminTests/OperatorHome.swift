import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

/// An operator's home and database, and the built `admin`; gone after the test.
final class OperatorHome: Sendable {
    let folder: String
    let database: String
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = temporary.path.string
        database = folder + "/state/bursar.sqlite"
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm",
            "AWS_EC2_METADATA_DISABLED": "true", "BURSAR_DATABASE": database,
        ]
    }

    // MARK: The program

    /// Runs `admin` with `words`.
    func admin(
        _ words: [String],
        _ settings: [String: String] = [:],
        input: String = ""
    ) async throws -> Program.Outcome {
        try await Program(Checkout.program("admin"), environment: environment.merging(settings) { $1 })
            .run(words, input: input)
    }

    /// Runs `admin` with the words of `line` and then `more` as they are.
    func admin(
        _ line: String,
        _ more: String...,
        settings: [String: String] = [:],
        input: String = ""
    ) async throws -> Program.Outcome {
        try await admin(words(line) + more, settings, input: input)
    }

    /// The output of `admin`; the test fails when it doesn't succeed.
    @discardableResult
    func output(
        _ line: String,
        _ more: String...,
        settings: [String: String] = [:],
        input: String = ""
    ) async throws -> String {
        let outcome = try await admin(words(line) + more, settings, input: input)
        try #require(outcome.isSuccess, "\(line): \(outcome.errors)")
        return outcome.output
    }

    /// The errors of `admin`, which has to fail with `code` and to leave the database as it was.
    func refusal(_ line: String, _ more: String..., code: Int = 1) async throws -> String {
        let before = try await dump()
        let outcome = try await admin(words(line) + more)
        #expect(outcome.exitCode == code, "\(line): \(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try await dump() == before, "\(line) changed the database")
        return outcome.errors
    }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    // MARK: Researchers and keys

    /// Makes the database, with ada in it.
    func addAda() async throws {
        try await output("database init")
        try await add("ada")
    }

    func add(_ handle: String, project: String = "engines") async throws {
        let options = "--email \(handle)@example.edu --project \(project) --name"
        try await output("researchers add \(handle) " + options, "Ada Lovelace")
    }

    /// Issues a key to ada and returns its id.
    func issueKey(_ options: String = "") async throws -> String {
        let text = try await output("keys issue ada --quiet " + options)
        return try ResearcherKey(parsing: text).id.description
    }

    // MARK: Files

    /// Writes a file in the home and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        try temporary.write(text, to: name).string
    }

    func text(_ name: String) -> String? { temporary.text(name) }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions] as? Int
    }

    // MARK: The database, past the programs

    /// Runs a script in Python and returns its output.
    func python(_ script: String, _ arguments: [String]) async throws -> String {
        let outcome = try await Program("/usr/bin/env", environment: environment)
            .run(["python3", "-c", script] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    /// Runs SQL and returns the rows, a line each.
    @discardableResult
    func sql(_ statement: String) async throws -> String {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=600) as db:
                for row in db.execute(sys.argv[2]): print(*row, sep="|")
            """
        return try await python(script, [database, statement])
    }

    /// Runs SQL on a database (file and SQL are arguments), and puts back the triggers that were in the way, as an
    /// intruder would who hides something.
    static let tampering = """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1], timeout=600) as db:
            triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            db.executescript(sys.argv[2])
            left = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
            for name, sql in triggers:
                if name not in left: db.execute(sql)
        """

    func tamper(_ sql: String) async throws {
        _ = try await python(Self.tampering, [database, sql])
    }

    /// The database's content as SQL.
    private func dump() async throws -> String {
        let script = """
            import sqlite3, sys
            print(*sqlite3.connect(sys.argv[1], timeout=600).iterdump(), sep="\\n")
            """
        return try await python(script, [database])
    }
}

/// A JSON document as dictionaries of what is asked for.
func decoded<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
}
