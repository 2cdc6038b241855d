import ArgumentParser
import BursarConsole
import BursarModel
import Reports
import Storage

struct WhoIs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whois",
        abstract: "List who asked the server from an address, or whose session one in AWS is.",
        discussion: #"""
            By the records of vends and refusals. It is where credentials were fetched, not
            where Bedrock was called from: that is in CloudTrail, by the access key ids of
            `admin audit list --address`. Refusals of wrong keys are not on record.

            The name of a session, or its ARN as CloudTrail, Bedrock's log and the bill
            have it, brings the researcher and the key that it is of: HANDLE+KEYID, or
            HANDLE alone with all of the researcher's keys.

            Examples:
              admin whois 192.0.2.7
              admin whois ada+7c3kq9x2mzpa
              admin whois 2001:db8::/32 --since 2026-11-24 --until 2026-11-24
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: ArgumentHelp("An address, a block of them, or a session's name or ARN.", valueName: "cidr"))
    var address: String
    @Option(help: ArgumentHelp("From this UTC day or time on.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Up to the end of this UTC day, or up to this time.", valueName: "time"))
    var until: String?
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            if try listSession(in: store, on: context) { return }
            let block = try AddressParser.block(address, .option("the address"))
            let (since, until) = try TimeOption.range(since: since, until: until)
            let progress = Progress("looked at")
            let uses = try store.reports.uses(of: block, since: since, until: until) { progress.report($0, of: $1) }
            progress.end()
            let rows = uses.map(Row.init)
            if format == .json {
                let document = Document(
                    address: block.description,
                    since: since.map { Timestamp.string($0) },
                    until: until.map { Timestamp.string($0) },
                    rows: rows,
                    totals: .init(
                        vends: rows.map(\.vends).reduce(0, +),
                        refusals: rows.map(\.refusals).reduce(0, +)
                    )
                )
                try context.terminal.print(try JSONText.of(document))
            } else {
                try RowOutput(rows: rows, whenEmpty: "no request came from there").print(
                    as: format,
                    on: context.terminal
                )
            }
            try store.notePruned(since: since, on: context.terminal)
        }
    }

    /// Prints the keys that a session is of; returns false if the argument names no researcher's session.
    private func listSession(in store: Store, on context: AdminContext) throws -> Bool {
        guard CIDRBlock(AddressList.withoutBrackets(address)) == nil else { return false }
        let name = address.hasPrefix("arn:") ? address.split(separator: "/").last.map(String.init) ?? "" : address
        guard let owner = try store.lists.sessionOwners().owner(of: name) else { return false }
        guard since == nil, until == nil else {
            throw UserFacingError.misuse("--since and --until go with an address", hint: "admin audit list --key ID")
        }
        let keys = try store.lists.keys(of: owner.researcher).filter { owner.key == nil || $0.id == owner.key }
        let rows = keys.map { SessionRow($0) }
        if format == .json {
            try context.terminal.print(try JSONText.of(SessionDocument(session: name, rows: rows)))
        } else {
            try RowOutput(rows: rows, whenEmpty: "\(owner.researcher) has no key").print(
                as: format,
                on: context.terminal
            )
        }
        return true
    }

    private struct SessionDocument: Encodable {
        let session: String
        let rows: [SessionRow]
    }

    /// A key that a session is of, with all of its use.
    private struct SessionRow: TableRow {
        static let columns: [Table.Column] = [
            .init("researcher"), .init("key"), .init("label", isElastic: true), .init("project", isElastic: true),
            .init("vends", .right), .init("first"), .init("last"),
        ]

        let researcher: String
        let key: String
        let label: String?
        let project: String
        let vends: Int
        let first: String?
        let last: String?

        init(_ listed: StoredKey) {
            researcher = listed.researcher
            key = listed.id.description
            label = listed.label
            project = listed.project
            vends = listed.use?.vends ?? 0
            first = listed.use.map { Timestamp.string($0.first) }
            last = listed.use.map { Timestamp.string($0.last) }
        }

        var cells: [String] { [researcher, key, label ?? "", project, String(vends), first ?? "", last ?? ""] }
    }

    private struct Document: Encodable {
        struct Totals: Encodable {
            let vends: Int
            let refusals: Int
        }

        let address: String
        /// The bounds of the range; absent where not given.
        let since: String?
        let until: String?
        let rows: [Row]
        let totals: Totals
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("researcher"), .init("key"), .init("vends", .right), .init("refusals", .right), .init("first"),
            .init("last"),
        ]

        let researcher: String?
        let key: String?
        let vends: Int
        let refusals: Int
        let first: String
        let last: String

        init(_ use: AddressUse) {
            researcher = use.researcher
            key = use.key
            vends = use.vends
            refusals = use.refusals
            first = Timestamp.string(use.first)
            last = Timestamp.string(use.last)
        }

        var cells: [String] { [researcher ?? "", key ?? "", String(vends), String(refusals), first, last] }
    }
}

/// Parses addresses and blocks of addresses.
enum AddressParser {
    /// - Throws: ``UserFacingError`` that names the option or argument.
    static func block(_ text: String, _ place: UserFacingError.Place) throws(UserFacingError) -> CIDRBlock {
        guard let block = CIDRBlock(AddressList.withoutBrackets(text)) else {
            throw UserFacingError.value(
                of: place,
                "\"\(ControlText.brief(text))\" is neither an address nor a block of them",
                hint: withoutPort(text).map { "leave the port out: \($0)" }
                    ?? "it looks like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32"
            )
        }
        return block
    }

    /// Returns the address of `192.0.2.7:443` or `[2001:db8::7]:443`; nil for anything else.
    private static func withoutPort(_ text: String) -> String? {
        guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return nil }
        let host = AddressList.withoutBrackets(String(text[..<colon]))
        return IPAddress(host) == nil ? nil : host
    }
}
