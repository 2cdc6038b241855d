import BursarFoundation
import BursarModel
import SQLiteStore
import Storage
import SystemPackage
import TestSupport
import Testing
import Vending

/// A database of past use, and the built `admin` that works on it; gone after the test.
final class UsageDatabase: Sendable {
    /// 2026-01-05, a Monday, at 12:00 UTC.
    static let start = Date(timeIntervalSince1970: 1_767_614_400)

    private let temporary: TemporaryFolder
    var folder: String { temporary.path.string }
    let database: String
    let store: Store

    init() throws {
        temporary = try TemporaryFolder()
        database = temporary.path.appending("state/bursar.sqlite").string
        store = try Store(creating: database)
    }

    /// Nothing of the machine's settings; a port on which nobody answers.
    var environment: [String: String] {
        [
            "PATH": Checkout.root + ".venv/bin:/usr/local/bin:/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8",
            "TMPDIR": folder, "BURSAR_DATABASE": database, "BURSAR_HTTP_PORT": "9",
        ]
    }

    static func date(_ day: Int) -> Date { start.addingTimeInterval(TimeInterval(day) * 86_400) }

    private static func act(_ day: Int) -> AuditContext { AuditContext(actor: "root@desk", date: date(day)) }

    /// A researcher with a key.
    func add(
        _ handle: String,
        name: String = "N",
        project: String = "engines",
        label: String? = nil,
        isCanary: Bool = false
    )
        throws -> KeyID
    {
        let known = try #require(Handle(handle))
        let person = Researcher(handle: known, name: name, email: "e@example.edu", project: project)
        #expect(try store.administration.add(person, by: Self.act(0)))
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        let cheap = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        let hash = try PasswordHash(of: key.text, parameters: cheap, using: &random)
        let end = Date.distantFuture
        let new = NewKey(
            id: key.id,
            hash: hash,
            researcher: known,
            label: label,
            expires: end,
            isCanary: isCanary
        )
        let added = try store.administration.add(new, by: Self.act(0))
        #expect(added != nil)
        return key.id
    }

    /// So many vends at once, on a day.
    func vend(_ key: KeyID, onDay day: Int, times count: Int = 1, from address: String = "192.0.2.1") async throws {
        try await vend(key, at: Self.date(day), times: count, from: address)
    }

    func vend(_ key: KeyID, at date: Date, times count: Int, from address: String = "192.0.2.1") async throws {
        let recorder = Recorder(database: store.database, now: { date })
        let (record, revision) = try #require(try await store.directory.key(key))
        let vend = Vend(
            key: record,
            revision: revision,
            dailyLimit: 1_000_000,
            address: try #require(IPAddress(address)),
            accessKeyID: "ASIAEXAMPLE0000000001",
            expiration: date.addingTimeInterval(3600),
            requestID: "r1"
        )
        try await withThrowingTaskGroup { group in
            for _ in 0..<count { group.addTask { _ = try await recorder.record(vend) } }
            try await group.waitForAll()
        }
    }

    /// A refusal, of a key or of an id that no key has.
    func refuse(_ code: ErrorCode, _ key: KeyID?, onDay day: Int) throws {
        try refuse(code, key, at: Self.date(day))
    }

    func refuse(_ code: ErrorCode, _ key: KeyID?, at date: Date) throws {
        var random = SystemRandomNumberGenerator()
        let subject = key.map { VendError.Subject.unproven($0) } ?? .unknown(KeyID(using: &random))
        try refuse(VendError(code, subject), at: date)
    }

    func refuse(_ refusal: VendError, at date: Date) throws {
        let tally = RefusalTally()
        tally.note(refusal, from: nil, requestID: "", at: date)
        try store.ledger.record(try #require(tally.take()))
    }

    /// Runs statements past the triggers, and makes these again.
    func tamper(_ sql: String) async throws {
        let outcome = try await run("/usr/bin/env", ["python3", "-c", OperatorHome.tampering, database, sql])
        #expect(outcome.isSuccess, "\(outcome.errors)")
    }

    /// `admin`, with the words of `line`.
    func admin(_ line: String) async throws -> Program.Outcome {
        try await run(Checkout.program("admin"), line.split(separator: " ").map(String.init))
    }

    func run(_ path: String, _ arguments: [String]) async throws -> Program.Outcome {
        try await Program(path, environment: environment).run(arguments)
    }

    /// The output of a script of `Peers`.
    func peer(_ script: String, _ arguments: [String]) async throws -> String {
        let path = Checkout.root + "Tests/AdminTests/Peers/" + script
        let outcome = try await run("/usr/bin/env", ["python3", path] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    /// The rows of a report, read as JSON.
    func report<Row: Decodable>(_ options: String, as _: Row.Type = Row.self) async throws -> [Row] {
        try await document(options).rows
    }

    func document<Row: Decodable>(_ options: String, as _: Row.Type = Row.self) async throws -> ReportDocument<Row> {
        let outcome = try await admin("usage report --since 2026-01-01 --until 2026-03-31 --format json \(options)")
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try JSONDecoder().decode(ReportDocument<Row>.self, from: Data(outcome.output.utf8))
    }
}

/// A report as programs read it.
struct ReportDocument<Row: Decodable>: Decodable {
    struct Totals: Decodable, Equatable {
        let vends: Int
        let refusals: Int
    }

    let by: String
    let since: String
    let until: String
    let rows: [Row]
    let totals: Totals
}
