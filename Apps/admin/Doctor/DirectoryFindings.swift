import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Enrollment
import PostgresStore
import Reports
import SQLiteStore
import ServerSettings
import Storage
import SystemPackage

/// Findings about the database, its keys and the clock.
struct DirectoryFindings {
    private static let day: TimeInterval = 86_400
    /// The span that counts as soon, and as recent.
    private static let ahead = 14 * day
    private static let idle = 60 * day
    private static let backupAge = 7 * day

    private let context: AdminContext
    private let store: Store
    private let facts: DatabaseFacts
    private let health: StoreHealth
    /// nil for a database in a file.
    private let postgres: PostgresFindings?

    static func findings(_ context: AdminContext) -> [Finding] {
        do {
            let store = try context.store()
            if let flaw = try store.upkeep.firstQuickFlaw() {
                let hint = "admin database check says more; stop the server and restore a backup"
                return [
                    .problem("database", UserFacingError("\(context.databasePath) is damaged: \(flaw)", hint: hint))
                ]
            }
            try store.upkeep.checkIsWritable()
            let facts = try store.upkeep.facts(at: context.now)
            return try DirectoryFindings(
                context: context,
                store: store,
                facts: facts,
                health: store.upkeep.health(at: context.now, ahead: ahead, idle: idle),
                postgres: (store.database as? PostgresDatabase).map { try PostgresFindings($0, bytes: facts.size) }
            ).findings
        } catch let problem as StoreError {
            return [.problem("database", UserFacingError(problem))]
        } catch {
            return [.problem("database", UserFacingError("\(context.databasePath) can't be used"))]
        }
    }

    private var findings: [Finding] {
        let schema = Finding.ok(
            "database",
            "\(context.databasePath) is sound and can be written, schema \(facts.schema)"
        )
        let server = postgres?.others ?? []
        return [schema] + permissions + server + [clock, disk, backup] + keys + [canary, vending]
    }

    /// The permissions that the server, which runs as the database's owner, requires.
    private var permissions: [Finding] {
        guard let path = context.database.file else { return [] }
        let files = DatabaseFiles(of: path)
        let problems = files.owner.map { files.problems(owner: $0) } ?? []
        let findings = problems.map { Finding.problem("permissions", UserFacingError($0)) }
        guard findings.isEmpty else { return findings }
        return abandoned(beside: path) ?? [.ok("permissions", "the file and its folder are its owner's alone")]
    }

    /// Copies of the database that an interrupted command left beside it.
    private func abandoned(beside path: String) -> [Finding]? {
        let folder = FilePath(path).removingLastComponent()
        let left = AbandonedFiles.find(in: folder, at: context.now)
        guard !left.isEmpty else { return nil }
        let hint = "rm \(left.prefix(3).map(\.shellWord).joined(separator: " "))"
        return [.warning("permissions", "\(left.count) unfinished, of runs that were killed, beside it", hint: hint)]
    }

    private var clock: Finding {
        // Synchronised clocks agree to a second or so; a minute is skew.
        guard let last = health.lastRecord, last.timeIntervalSince(context.now) > 60 else {
            return postgres?.clock
                ?? .ok("clock", "no record is from the future; vending-server check compares it with AWS's")
        }
        let ahead = TimeSpan(seconds: Int(last.timeIntervalSince(context.now)))
        let hint = "set the clock (timedatectl); nothing expires in time on a clock that is behind"
        return .problem("clock", UserFacingError("the newest record is \(ahead) in the future", hint: hint))
    }

    /// The free space, compared with the growth of the last 30 days.
    private var disk: Finding {
        guard let free = store.upkeep.freeBytes else {
            if let postgres { return postgres.disk }
            return .warning("disk", "the system doesn't say how much is free")
        }
        let text = "\(ByteCount(bytes: free)) free"
        let each = facts.records > 10_000 ? Double(facts.size) / Double(facts.records) : 300
        let growth = health.vendsPerDay * each
        let days = growth > 0 ? Double(free) / growth : .infinity
        let hint = "make room, or prune: admin usage prune --before DATE"
        if free < 100 << 20 || days < 3 { return .problem("disk", UserFacingError("only \(text)", hint: hint)) }
        guard days < 3650 else { return .ok("disk", "\(text), enough for years") }
        let lasts = "\(text), enough for \(Int(days)) days of what was vended lately"
        return days < 30 ? .warning("disk", lasts, hint: hint) : .ok("disk", lasts)
    }

    private var backup: Finding {
        let hint = "admin database backup FILE"
        guard let last = facts.lastBackup else { return .warning("backup", "none was ever made", hint: hint) }
        let text = "the last is of \(Timestamp.string(last))"
        return context.now.timeIntervalSince(last) > Self.backupAge
            ? .warning("backup", text, hint: hint) : .ok("backup", text)
    }

    private var keys: [Finding] {
        var findings: [Finding] = []
        if let first = health.expiring.first {
            let list = Self.named(health.expiring)
            let detail = "\(health.expiring.count) end within 14 days: \(list)"
            let remedy =
                first.isEndOfStay
                ? "admin researchers update \(first.researcher) --until DAY" : "admin keys rotate \(first.key)"
            findings.append(.warning("keys", detail, hint: remedy))
        }
        if let first = health.expired.first {
            let detail = "\(health.expired.count) ended in the last 14 days: \(Self.named(health.expired))"
            findings.append(.warning("keys", detail, hint: "admin keys issue \(first.researcher), if they need one"))
        }
        if let example = health.unused.example {
            let detail =
                "\(health.unused.count) were not used for 60 days, \(example.key) (\(example.researcher)) longest"
            findings.append(.warning("keys", detail, hint: "admin keys list --unused-for 60d"))
        }
        return findings.isEmpty ? [.ok("keys", "\(facts.activeKeys) active, none ends soon or lies unused")] : findings
    }

    /// Names three keys, and the number of the others.
    private static func named(_ moments: [KeyMoment]) -> String {
        let names = moments.prefix(3).map { "\($0.key) (\($0.researcher), \(ExpiryParser.lastDay(before: $0.date)))" }
        return names.joined(separator: ", ") + (moments.count > 3 ? ", …" : "")
    }

    private var canary: Finding {
        guard let use = health.canary, context.now.timeIntervalSince(use.date) < Self.ahead else {
            return .ok("canaries", "none was used in the last 14 days")
        }
        let problem = "canary \(use.key) was used at \(Timestamp.string(use.date)): its hiding place was found"
        return .problem(
            "canaries",
            UserFacingError(problem, hint: "admin audit list --kind canary_used; rotate what lay beside it")
        )
    }

    private var vending: Finding {
        guard let paused = facts.pausedSince else { return .ok("vending", "not paused") }
        return .warning("vending", "paused since \(Timestamp.string(paused))", hint: "admin vending resume")
    }
}
