import AWSAuth
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarInput
import BursarModel
import Reports
import ServerSettings
import Spend
import Storage

struct UpdatePrices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Read AWS's price lists, and add what has changed.",
        discussion: #"""
            Without --file it fetches the lists of Bedrock for the regions that calls were
            sent to, which needs no AWS credentials. It shows which prices would change, and
            asks. Rows are added and none is edited, so reports of the past follow a
            correction. Products whose price can't be taken exactly are named and left out;
            the exit status is 1 then.

            Examples:
              admin spend prices update
              admin spend prices update --region us-east-1 --region eu-central-1 --yes
              admin spend prices update --file AmazonBedrock.json \
                AmazonBedrockFoundationModels.json --dry-run
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Price list files as AWS publishes them, compressed or not.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var file: [String] = []
    @Option(help: "A region whose lists to fetch; several times for several.")
    var region: [String] = []
    @Flag(help: "Show what would change, and leave it.")
    var dryRun = false
    @Flag(help: "Don't ask.")
    var yes = false
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    /// Faults of lists that are shown one by one.
    private static let shownFaults = 20

    func run() async throws {
        try await shared.runWaiting { context in
            guard file.isEmpty || region.isEmpty else {
                throw UserFacingError.misuse(
                    "--file and --region can't be together",
                    hint: "a file has the prices of its own regions"
                )
            }
            let store = try context.store()
            let lists = try file.isEmpty ? await fetched(store, context) : file.map(Self.read)
            let changes = PriceChanges(lists.flatMap(\.rows), to: try store.prices.pricing(), try store.prices.rows())
            for list in lists {
                context.terminal.note(
                    "\(list.offer), published \(list.published): "
                        + GroupedNumber.text(list.rows.count, "price of tokens on demand", "prices of tokens on demand")
                )
            }
            try RowOutput(rows: changes.shown, whenEmpty: "no price changes").print(as: format, on: context.terminal)
            try add(changes, lists, store, context)
            let faults = lists.flatMap(\.faults)
            for fault in faults.prefix(Self.shownFaults) {
                context.terminal.warn(UserFacingError("left out: \(fault)"))
            }
            guard faults.isEmpty else {
                let count = GroupedNumber.text(faults.count, "price", "prices")
                let verb = faults.count == 1 ? "is" : "are"
                throw UserFacingError("\(count) can't be taken exactly, and \(verb) left out")
            }
        }
    }

    private func add(_ changes: PriceChanges, _ lists: [PriceList], _ store: Store, _ context: AdminContext) throws {
        guard !changes.rows.isEmpty else {
            let isKnown = lists.contains { !$0.rows.isEmpty }
            return context.terminal.note(isKnown ? "the lists are known already" : "there is no price to add")
        }
        let count = GroupedNumber.text(changes.rows.count, "row", "rows")
        if dryRun { return context.terminal.note("nothing was changed: this was a dry run; it would add \(count)") }
        let question = changes.shown.isEmpty ? "record the lists, which change no price?" : "add \(count)?"
        try Confirmation(isGiven: yes).ask(question)
        let names = Set(lists.map { "\($0.offer) of \($0.published)" }).sorted().joined(separator: ", ")
        try store.prices.add(changes.rows, detail: "\(count) of AWS's lists: \(names)", by: context.act)
        context.terminal.note("added \(count)")
    }

    // MARK: Lists

    private static func read(_ path: String) throws -> PriceList {
        let source = ByteSource(path)
        var data = Data()
        try source.read { data.append(contentsOf: $0) }
        return try list(data, source.name)
    }

    private static func list(_ data: Data, _ name: String) throws(UserFacingError) -> PriceList {
        let hint = "AWS publishes them as offers/v1.0/aws/AmazonBedrock/current/REGION/index.json"
        do throws(PriceList.ParseError) {
            return try PriceList(json: data)
        } catch {
            switch error {
            case .notPriceList: throw UserFacingError("\(name) is no price list of AWS's, or it is cut off", hint: hint)
            case .otherOffer(let offer):
                throw UserFacingError(
                    "\(name) is the price list of \(ControlText.brief(offer)), not of Bedrock",
                    hint: hint
                )
            }
        }
    }

    /// The lists of all of Bedrock's offers in the regions; AWS has no list where an offer has no product.
    private func fetched(_ store: Store, _ context: AdminContext) async throws -> [PriceList] {
        let regions = try regions(store, context)
        let transport = HTTPTransport(environment: context.environment)
        var lists: [PriceList] = []
        for region in regions {
            let source: PriceListSource
            do throws(PartitionError) {
                source = try PriceListSource(region: region, environment: context.environment)
            } catch {
                throw UserFacingError(error, in: .option("--region"))
            }
            var found: [PriceList] = []
            for offer in PriceList.offers.sorted() {
                guard let data = try await source.fetch(offer, over: transport) else { continue }
                found.append(try Self.list(data, source.url(of: offer)))
            }
            guard !found.isEmpty else {
                throw UserFacingError("AWS publishes no prices of Bedrock for \(region)", hint: "is it spelled so?")
            }
            lists += found
        }
        return lists
    }

    private func regions(_ store: Store, _ context: AdminContext) throws -> [String] {
        guard region.isEmpty else { return region }
        let called = try store.spend.names(of: .region).sorted()
        guard called.isEmpty else { return called }
        let set = try context.reader.entries(.regions) ?? [context.reader.text(.region)].compactMap(\.self)
        guard set.isEmpty else { return set }
        throw UserFacingError("no region is known whose prices to fetch", hint: "--region us-east-1, or --file")
    }
}

/// The place of a region's price lists.
private struct PriceListSource {
    /// The lists of Bedrock are some megabytes.
    private static let limits = TransferLimits(
        connect: .seconds(10),
        total: .seconds(120),
        stall: .seconds(30),
        body: 128 << 20
    )

    private let region: String
    private let base: String

    /// `AWS_ENDPOINT_URL_PRICING` names another place, such as a mirror.
    init(region: String, environment: [String: String]) throws(PartitionError) {
        let partition = try Partition(region: region)
        self.region = region
        let home = partition == .china ? "cn-northwest-1" : "us-east-1"
        let domain = partition == .china ? partition.domain : Partition.aws.domain
        let typed = environment["AWS_ENDPOINT_URL_PRICING"] ?? ""
        base = typed.isEmpty ? "https://pricing.\(home).\(domain)" : typed.trimmingSuffix("/")
    }

    func url(of offer: String) -> String { "\(base)/offers/v1.0/aws/\(offer)/current/\(region)/index.json" }

    /// Returns nil where AWS has no such list.
    func fetch(_ offer: String, over transport: HTTPTransport) async throws -> Data? {
        let url = url(of: offer)
        let response: HTTPClientResponse
        do {
            response = try await transport.send(HTTPClientRequest(url: url, limits: Self.limits))
        } catch let error as TransportError {
            let network = NetworkError(error, url: url)
            throw UserFacingError(network.message, hint: "\(network.fix), or give the lists with --file")
        }
        switch response.status {
        case 200: return response.body
        case 403, 404: return nil
        default:
            throw UserFacingError("\(url) answered \(response.status)", hint: "try again later, or give it with --file")
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

/// The rows of lists that aren't recorded yet, and the prices that change by them.
private struct PriceChanges {
    let rows: [PriceRow]
    let shown: [PriceChangeRow]

    private struct Moment: Hashable {
        let key: PriceKey
        let effective: UTCDay
    }

    init(_ listed: [PriceRow], to pricing: Pricing, _ recorded: [StoredPrices.Row]) {
        var known: [Moment: TokenPrice?] = [:]
        for row in recorded where row.price.source == .list {
            known[Moment(key: row.price.key, effective: row.price.effective)] = row.price.price
        }
        var added: [PriceRow] = []
        for row in listed {
            let moment = Moment(key: row.key, effective: row.effective)
            // The newest of two that differ counts; one list is given twice at times.
            guard known[moment] != .some(row.price) else { continue }
            known[moment] = row.price
            added.append(row)
        }
        var changed = pricing.table
        for row in added { changed.add(row) }
        rows = added
        shown = added.compactMap { row in
            let before = pricing.table.price(of: row.key, on: row.effective)
            let after = changed.price(of: row.key, on: row.effective)
            guard before?.price != after?.price else { return nil }
            return PriceChangeRow(row, before: before?.price, after: after?.price)
        }
    }
}

private struct PriceChangeRow: TableRow {
    static let columns: [Table.Column] = [
        .init("model"), .init("region"), .init("routing"), .init("tokens"), .init("before", .right),
        .init("after", .right), .init("since"),
    ]

    let model: String
    let region: String
    let routing: String
    let tokens: String
    /// US dollars for a million tokens; nil if no price was known.
    let before: String?
    let after: String?
    let since: String

    init(_ row: PriceRow, before: TokenPrice?, after: TokenPrice?) {
        model = row.key.model
        region = row.key.region
        routing = row.key.routing.rawValue
        tokens = row.key.kind.rawValue
        self.before = before?.perMillion.description
        self.after = after?.perMillion.description
        since = row.effective.description
    }

    var cells: [String] { [model, region, routing, tokens, before ?? "", after ?? "", since] }
}
