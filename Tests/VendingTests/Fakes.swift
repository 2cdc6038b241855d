import BursarFoundation
import BursarModel
import Synchronization
import Testing
import Vending

/// A directory in memory whose rows tests change.
final class MemoryDirectory: KeyDirectory {
    struct Unreadable: Error {}

    private struct Rows {
        var records: [KeyID: KeyRecord] = [:]
        var revision: Int64 = 1
        var isReadable = true
        var isPaused = false
    }

    private let rows = Mutex(Rows())

    func fail() {
        rows.withLock { $0.isReadable = false }
    }

    func put(_ record: (_ version: Int64) throws -> KeyRecord) rethrows {
        try rows.withLock { rows in
            rows.revision += 1
            let record = try record(rows.revision)
            rows.records[record.id] = record
        }
    }

    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        try rows.withLock { rows in
            guard rows.isReadable else { throw Unreadable() }
            return rows.records[id].map { ($0, rows.revision) }
        }
    }

    func changes(since known: Int64) async throws -> DirectoryChanges {
        try rows.withLock { rows in
            guard rows.isReadable else { throw Unreadable() }
            return DirectoryChanges(
                revision: rows.revision,
                keys: rows.records.values.filter { $0.version > known }.map(\.id),
                isPaused: rows.isPaused
            )
        }
    }

    func pause() {
        rows.withLock { rows in
            rows.isPaused = true
            rows.revision += 1
        }
    }
}

/// An issuer that does what the test says, and counts.
final class ScriptedIssuer: CredentialIssuer {
    private let script: @Sendable (Int) async throws(IssuerError) -> SessionCredentials
    private let count = Mutex<[IssueRequest]>([])

    init(_ script: @escaping @Sendable (_ call: Int) async throws(IssuerError) -> SessionCredentials) {
        self.script = script
    }

    var requests: [IssueRequest] { count.withLock { $0 } }

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        let call = count.withLock { requests in
            requests.append(request)
            return requests.count
        }
        return try await script(call)
    }
}

/// An audit log that keeps its records.
final class MemoryAuditLog: AuditLog {
    private let vends = Mutex<[Vend]>([])
    private let before: Int
    private let answer: @Sendable (Vend) async throws(AuditLogError) -> Void

    /// `before` is what each key has used of its day already.
    init(
        before: Int = 0,
        _ answer: @escaping @Sendable (Vend) async throws(AuditLogError) -> Void = { _ throws(AuditLogError) in }
    ) {
        self.before = before
        self.answer = answer
    }

    var recorded: [Vend] { vends.withLock { $0 } }

    func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage {
        try await answer(vend)
        let count = vends.withLock { vends in
            vends.append(vend)
            return vends.count
        }
        return DailyUsage(day: UTCDay(containing: TestClock.start), count: before + count)
    }

    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        DailyUsage(day: day, count: before)
    }
}

extension HashingPool {
    /// A pool whose threads can be started, as they can in every test.
    static func started(
        width: Int,
        depth: Int = 256,
        depthPerAddress: Int = 32,
        depthPerKey: Int = 16,
        hashed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) -> HashingPool {
        do {
            return try HashingPool(
                width: width,
                depth: depth,
                depthPerAddress: depthPerAddress,
                depthPerKey: depthPerKey,
                hashed: hashed
            )
        } catch {
            preconditionFailure("no thread for hashing: \(error)")
        }
    }
}

extension VendError {
    /// The error itself, if it is a refusal; `internal` for any other, which no test expects.
    init(of error: any Error) {
        self = error as? VendError ?? VendError(.internal, cause: "\(error)")
    }
}

/// A clock that tests set.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    static let start = Date(timeIntervalSince1970: 1_767_323_045)

    init(_ date: Date = start) {
        time = Mutex(date)
    }

    var now: Date { time.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        time.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}

/// A key and its row.
///
/// The hash is cheap on purpose: its strength is not what these tests are about.
struct IssuedKey {
    let key: ResearcherKey
    let hash: PasswordHash

    init(key: ResearcherKey, hash: PasswordHash) {
        self.key = key
        self.hash = hash
    }

    init() throws {
        var random = SystemRandomNumberGenerator()
        key = ResearcherKey(using: &random)
        hash = try PasswordHash(
            of: key.text,
            parameters: Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1),
            using: &random
        )
    }

    func record(
        version: Int64,
        expires: Date,
        revoked: Date? = nil,
        disabled: Date? = nil,
        ends: Date? = nil,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> KeyRecord {
        let ada = try #require(Handle("ada"))
        return KeyRecord(
            id: key.id,
            owner: ResearcherStatus(handle: ada, disabled: disabled, ends: ends),
            project: "engines",
            hash: hash,
            expires: expires,
            revoked: revoked,
            terms: terms,
            version: version
        )
    }
}

func credentials(_ number: Int = 1, until end: Date) -> SessionCredentials {
    SessionCredentials(
        accessKeyID: "ASIAEXAMPLE000000\(number)",
        secretAccessKey: Secret("secretsecretsecret"),
        sessionToken: Secret("tokentokentokentoken"),
        expiration: end
    )
}

extension IPAddress {
    static let test = address("192.0.2.1")

    static func address(_ text: String) -> IPAddress {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        return address
    }
}

/// A flag that is true for the first caller.
final class Once: Sendable {
    private let asked = Mutex(false)

    func isFirst() -> Bool {
        asked.withLock { asked in
            defer { asked = true }
            return !asked
        }
    }
}
