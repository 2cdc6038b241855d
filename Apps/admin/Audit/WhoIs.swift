import ArgumentParser
import BursarConsole
import BursarModel
import Reports
import Storage

struct WhoIs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whois",
        abstract: "List who asked the server from an address: keys and researchers, first and last time.",
        discussion: #"""
            By the records of vends and refusals. It is where credentials were fetched, not
            where Bedrock was called from: that is in CloudTrail, by the access key ids of
            `admin audit list --address`. Refusals of wrong keys are not on record.

            Examples:
              admin whois 192.0.2.7
              admin whois 2001:db8::/32 --since 2026-11-24 --until 2026-11-24
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: ArgumentHelp("An address, or a block of them.", valueName: "cidr"))
    var address: String
    @Option(help: ArgumentHelp("From this UTC day or time on.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Up to the end of this UTC day, or up to this time.", valueName: "time"))
    var until: String?
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let block = try AddressParser.block(address, .option("the address"))
            let (since, until) = try TimeOption.range(since: since, until: until)
            let store = try context.store()
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
