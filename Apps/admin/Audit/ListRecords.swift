import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import Vending

struct ListRecords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List records, newest first.",
        discussion: #"""
            Actor and host of an action are what the machine said when it was done:
            self-asserted, not proved.

            Examples:
              admin audit list --actions --since 2026-11-01
              admin audit list --researcher ada --since 2026-11-20 --format csv
              admin audit list --key 7c3kq9 --kind refusal --limit 10
              admin audit list --address 192.0.2.0/24 --since 2026-11-24 --until 2026-11-24
              admin audit list --actor root@vend1 --format json
            """#
    )

    private static let limits = 1...10_000
    /// The number of records that are read without a progress note.
    private static let many: Int64 = 1_000_000

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("From this UTC day or time on.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Up to the end of this UTC day, or up to this time.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("What this user did, on any host: ada, or ada@vend1 for one.", valueName: "actor"))
    var actor: String?
    @Option(help: ArgumentHelp("What concerns this researcher.", valueName: "handle"), completion: .handles)
    var researcher: String?
    @Option(
        help: ArgumentHelp("What concerns this key; its first characters will do.", valueName: "id"),
        completion: .keyIDs
    )
    var key: String?
    @Option(help: ArgumentHelp("What was asked from this address or block.", valueName: "cidr"))
    var address: String?
    @Option(help: ArgumentHelp("Records of this kind; several times for several.", valueName: "kind"))
    var kind: [String] = []
    @Flag(help: "Only what operators did.")
    var actions = false
    @Option(parsing: .unconditional, help: ArgumentHelp("How many at most, 1 to 10000.", valueName: "n"))
    var limit = 50
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            var filter = try filter()
            guard Self.limits.contains(limit) else {
                throw UserFacingError.misuse(
                    "--limit is 1 to \(Self.limits.upperBound)",
                    hint: "admin usage export writes all records"
                )
            }
            let store = try context.store()
            filter.researcher = try researcher.map { try store.knownResearcher($0, at: context.now).researcher.handle }
            let rows = try records(filter, in: store, context).map(Row.init)
            if format == .json {
                let document = Document(
                    since: filter.since.map { Timestamp.string($0) },
                    until: filter.until.map { Timestamp.string($0) },
                    limit: limit,
                    rows: rows,
                    totals: .init(records: rows.count)
                )
                try context.terminal.print(try JSONText.of(document))
            } else {
                try RowOutput(rows: rows, whenEmpty: "no record is like that").print(as: format, on: context.terminal)
            }
            // Without --since, the range begins at the oldest record within the limit.
            if filter.since != nil || rows.count < limit {
                try store.notePruned(since: filter.since, on: context.terminal)
            }
            if rows.count == limit {
                context.terminal.note("the newest \(limit) are shown; --limit and --until lead to older ones")
            }
        }
    }

    private func records(_ filter: RecordFilter, in store: Store, _ context: AdminContext) throws -> [ListedRecord] {
        if filter.isSelective {
            let count = try store.audit.recordsToRead(filter)
            if count > Self.many {
                context.terminal.note("looking through up to \(count) records; --since makes it fewer")
            }
        }
        let progress = Progress("looked at")
        defer { progress.end() }
        return try store.audit.records(filter, limit: limit) { progress.report($0, of: $1) }
    }

    private func filter() throws(UserFacingError) -> RecordFilter {
        var filter = RecordFilter()
        (filter.since, filter.until) = try TimeOption.range(since: since, until: until)
        filter.actor = actor
        filter.isActionsOnly = actions
        if let key {
            guard (1...KeyID.length).contains(key.utf8.count), key.utf8.allSatisfy(\.isASCIILetterOrDigit) else {
                throw UserFacingError.misuse(
                    "--key takes a key's id or its first characters",
                    hint: "admin keys list shows them"
                )
            }
            filter.key = key.lowercased()
        }
        filter.address = try given(address) { text throws(UserFacingError) in
            try AddressParser.block(text, .option("--address"))
        }
        for kind in kind where !RecordFilter.allKinds.contains(kind) {
            throw UserFacingError.misuse(
                "there is no kind \"\(kind)\"",
                hint: "one of \(RecordFilter.allKinds.joined(separator: ", "))"
            )
        }
        filter.kinds = kind
        return filter
    }

    private struct Document: Encodable {
        struct Totals: Encodable {
            let records: Int
        }

        /// The bounds of the range; absent where not given.
        let since: String?
        let until: String?
        /// The limit of records; a full list may have left out older ones.
        let limit: Int
        let rows: [Row]
        let totals: Totals
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("sequence", .right), .init("time"), .init("kind"), .init("researcher"), .init("key"),
            .init("address"), .init("access key"), .init("actor"), .init("detail"),
        ]

        let sequence: Int64
        let time: String
        let kind: String
        let researcher: String?
        let key: String?
        let address: String?
        let accessKeyID: String?
        let expires: String?
        let requestID: String?
        let reason: String?
        let actor: String?
        let detail: String?

        init(_ record: ListedRecord) {
            sequence = record.sequence
            time = Timestamp.string(record.date)
            kind = record.kind
            researcher = record.researcher
            key = record.key
            address = record.address
            accessKeyID = record.accessKeyID
            expires = record.expires.map { Timestamp.string($0) }
            requestID = record.requestID
            reason = record.reason
            actor = record.actor
            detail = record.detail
        }

        var cells: [String] {
            let why = [reason, detail].compactMap(\.self).joined(separator: ", ")
            return [
                String(sequence), time, kind, researcher ?? "", key ?? "", address ?? "", accessKeyID ?? "",
                actor ?? "", why,
            ]
        }
    }
}
