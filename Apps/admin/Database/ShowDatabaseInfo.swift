import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Storage

struct ShowDatabaseInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Say what is in the database, and who works on it.",
        discussion: """
            Nothing is read but sums, so it takes as long with millions of records as with
            ten.

            Examples:
              admin database info
              admin database info --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let summary = Summary(
                try store.upkeep.facts(at: context.now),
                free: store.upkeep.freeBytes,
                servers: try context.database.servers(on: store.database),
                context
            )
            switch format {
            case .text: try context.terminal.print(summary.details.text(.plain))
            case .json: try context.terminal.print(JSONText.of(summary))
            }
        }
    }

    private struct Summary: DetailSheet {
        let path: String
        let bytes: Int64
        let logBytes: Int64
        let freeBytes: Int64?
        let schema: String
        let revision: Int64
        let records: Int64
        let prunedRecords: Int64
        let firstRecord: String?
        let lastRecord: String?
        let chainSequence: Int64
        let chainHead: String
        let vends: Int64
        let researchers: Int
        let disabledResearchers: Int
        let keys: Int
        let activeKeys: Int
        let pausedSince: String?
        let lastBackup: String?
        let isServed: Bool
        let serverProcess: Int32?
        /// The servers' hosts, of a database that is on a server itself.
        let serverHosts: [String]?

        init(_ facts: DatabaseFacts, free: Int64?, servers: [String], _ context: AdminContext) {
            func text(_ date: Date?) -> String? { date.map { Timestamp.string($0) } }
            path = context.databasePath
            bytes = facts.size
            logBytes = facts.logSize
            freeBytes = free
            schema = facts.schema
            revision = facts.revision
            records = facts.records
            prunedRecords = facts.pruned
            firstRecord = text(facts.first)
            lastRecord = text(facts.last)
            chainSequence = facts.head.sequence
            chainHead = facts.head.hash
            vends = facts.vends
            researchers = facts.researchers
            disabledResearchers = facts.disabledResearchers
            keys = facts.keys
            activeKeys = facts.activeKeys
            pausedSince = text(facts.pausedSince)
            lastBackup = text(facts.lastBackup)
            isServed = !servers.isEmpty
            serverProcess = context.server?.processID
            serverHosts = context.database.file == nil ? servers : nil
        }

        var details: KeyValueTable {
            let span = firstRecord.flatMap { first in lastRecord.map { ", \(first) to \($0)" } } ?? ""
            let pruned = prunedRecords > 0 ? ", \(prunedRecords) before them pruned" : ""
            return KeyValueTable([
                ("path", path), ("size", size), ("free disk", free), ("schema", schema),
                ("records", "\(records)\(span)\(pruned)"), ("chain head", "\(chainSequence) \(chainHead)"),
                ("vends", "\(vends)"), ("researchers", "\(researchers), \(disabledResearchers) disabled"),
                ("keys", "\(keys), \(activeKeys) active"), ("revision", "\(revision)"),
                ("vending", pausedSince.map { "paused since \($0)" } ?? "on"),
                ("last backup", lastBackup ?? "none on record"),
                ("server", server),
            ])
        }

        private var size: String {
            let size = ByteCount(bytes: bytes).description
            return serverHosts == nil ? "\(size), log \(ByteCount(bytes: logBytes))" : size
        }

        private var free: String {
            if let freeBytes { return ByteCount(bytes: freeBytes).description }
            return serverHosts == nil ? "unknown" : "the database server's"
        }

        private var server: String {
            if let serverHosts {
                return serverHosts.isEmpty ? "none" : "\(serverHosts.count): \(serverHosts.joined(separator: ", "))"
            }
            guard isServed else { return "none on this machine" }
            return serverProcess.map { "process \($0)" } ?? "yes"
        }
    }
}
