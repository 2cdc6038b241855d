import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import Spend
import Storage

struct ListPrices: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The prices that hold, in US dollars for a million tokens.",
        discussion: """
            Without --model and --region they are those of models that were called, where
            they were called. A price holds from its day on, and the first one of a model
            for the time before too. `snapshot` came with the program, `list` is AWS's list
            as it was read later, `operator` is yours and goes before them.

            Examples:
              admin spend prices list
              admin spend prices list --model "Claude Sonnet 4.6" --region us-east-1
              admin spend prices list --history --model "Nova Lite" --format csv
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("Only this model's, by its id or its name in price lists.", valueName: "model"))
    var model: String?
    @Option(help: "Only this region's.")
    var region: String?
    @Option(help: "The UTC day on which they hold, YYYY-MM-DD; today unless given.")
    var on: String?
    @Flag(help: "All rows, replaced ones too, in the order in which they were recorded.")
    var history = false
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let day = try on.map { try UsageRange.day($0, "--on") } ?? UTCDay(containing: context.now)
            let store = try context.store()
            let pricing = try store.prices.pricing()
            let names = model.map { pricing.priceListNames(of: $0) }
            if let model, let names, !pricing.table.keys.contains(where: { names.contains($0.model) }) {
                throw pricing.unknown(model)
            }
            let called = names == nil && region == nil ? try store.spend.calledPrices(pricing.names) : nil
            func isShown(_ key: PriceKey) -> Bool {
                if let called, !called.contains(where: { $0.matches(key) }) { return false }
                return names?.contains(key.model) != false && (region == nil || key.region == region)
            }
            let empty = called == nil ? "there is no such price" : "no model was called that has a price"
            if history {
                let rows = try Self.history(store).filter { isShown($0.key) }
                try RowOutput(rows: rows.map(\.row), whenEmpty: empty).print(as: format, on: context.terminal)
            } else {
                let rows = pricing.table.keys.filter(isShown).compactMap { key in
                    pricing.table.price(of: key, on: day).map { CurrentPriceRow(key, $0) }
                }
                try RowOutput(rows: rows.sorted { $0.order < $1.order }, whenEmpty: empty)
                    .print(as: format, on: context.terminal)
            }
            let snapshot = try PriceSnapshot.shipped().day
            context.terminal.note(
                "AWS's prices came with the program as of \(snapshot); admin spend prices update adds newer"
            )
        }
    }

    private static func history(_ store: Store) throws -> [(key: PriceKey, row: RecordedPriceRow)] {
        let snapshot = try PriceSnapshot.shipped()
        return snapshot.rows.map { ($0.key, RecordedPriceRow($0, recorded: snapshot.day.description, actor: nil)) }
            + (try store.prices.rows()).map { row in
                (row.price.key, RecordedPriceRow(row.price, recorded: Timestamp.string(row.recorded), actor: row.actor))
            }
    }
}

extension Pricing {
    /// The names in price lists of a model that is given by its id or by such a name.
    func priceListNames(of model: String) -> Set<String> {
        let known = names.pricing(of: model).names
        return known.isEmpty ? [PriceKey.name(model)] : Set(known)
    }

    /// The refusal of a model that no price is known for.
    func unknown(_ model: String) -> UserFacingError {
        let near = NearestName.of(PriceKey.name(model), among: Set(table.keys.map(\.model)).sorted())
        return UserFacingError(
            "no price list has a model \"\(ControlText.brief(model))\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "admin spend prices list --region us-east-1 shows names"
        )
    }
}

/// A price that holds.
private struct CurrentPriceRow: TableRow {
    static let columns: [Table.Column] = [
        .init("model"), .init("region"), .init("routing"), .init("tokens"), .init("USD per million", .right),
        .init("source"), .init("since"),
    ]

    let model: String
    let region: String
    let routing: String
    let tokens: String
    let usdPerMillion: String
    let source: String
    let since: String

    init(_ key: PriceKey, _ found: PriceTable.Found) {
        model = key.model
        region = key.region
        routing = key.routing.rawValue
        tokens = key.kind.rawValue
        usdPerMillion = found.price.perMillion.description
        source = found.source.rawValue
        since = found.effective.description
    }

    var order: (String, String, String, String) { (model, region, routing, tokens) }
    var cells: [String] { [model, region, routing, tokens, usdPerMillion, source, since] }
}

/// A row as it was recorded.
private struct RecordedPriceRow: TableRow {
    static let columns: [Table.Column] = [
        .init("model"), .init("region"), .init("routing"), .init("tokens"), .init("USD per million", .right),
        .init("source"), .init("since"), .init("recorded"), .init("by", isMinor: true),
    ]

    let model: String
    let region: String
    let routing: String
    let tokens: String
    /// Nil in a row that ends an operator's price.
    let usdPerMillion: String?
    let source: String
    let since: String
    let recorded: String
    let by: String?

    init(_ row: PriceRow, recorded: String, actor: String?) {
        model = row.key.model
        region = row.key.region
        routing = row.key.routing.rawValue
        tokens = row.key.kind.rawValue
        usdPerMillion = row.price?.perMillion.description
        source = row.source.rawValue
        since = row.effective.description
        self.recorded = recorded
        by = actor
    }

    var cells: [String] {
        [model, region, routing, tokens, usdPerMillion ?? "", source, since, recorded, by ?? ""]
    }
}
