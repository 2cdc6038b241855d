import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Spend
import Storage

struct SetPrice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set a price of yours, such as one with a discount.",
        discussion: #"""
            It goes before AWS's from its day on, also for calls that are counted already.
            Prices are US dollars for a million tokens, with at most ten decimals. The model
            is named as price lists name it, or by its id.

            Examples:
              admin spend prices set "Claude Sonnet 4.6" --region us-east-1 \
                --input 2.97 --output 14.85 --from 2026-11-01
              admin spend prices set "Claude Sonnet 4.6" --global --region us-east-1 \
                --input 2.7 --output 13.5
            """#
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup var place: PricePlace
    @OptionGroup(title: "Prices") var prices: TypedPrices

    func run() throws {
        try shared.run { context in
            let prices = try prices.read()
            let store = try context.store()
            let (model, from) = (try place.model(in: try store.prices.pricing()), try place.day(context))
            let rows = place.region.flatMap { region in
                prices.map { kind, price in
                    let key = PriceKey(model: model, region: region, routing: place.routing, kind: kind)
                    return PriceRow(key: key, price: price, effective: from, source: .operator)
                }
            }
            let list = prices.map { "\($0.rawValue) \($1.perMillion)" }.joined(separator: ", ")
            let regions = place.region.joined(separator: ", ")
            let detail = "\(model), \(place.routing.rawValue), in \(regions) from \(from): \(list)"
            try store.prices.add(rows, detail: detail, by: context.act)
            context.terminal.note("set for \(detail) USD per million tokens")
        }
    }
}

struct RemovePrice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "End a price of yours, so that AWS's holds again.",
        discussion: #"""
            Nothing is edited: from the day on, AWS's list price holds, and before it yours
            did.

            Examples:
              admin spend prices remove "Claude Sonnet 4.6" --region us-east-1
              admin spend prices remove "Claude Sonnet 4.6" --region us-east-1 \
                --from 2027-01-01
            """#
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup var place: PricePlace

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let pricing = try store.prices.pricing()
            let (model, from) = (try place.model(in: pricing), try place.day(context))
            let rows = place.region.flatMap { region in
                PricedClass.allCases.compactMap { kind -> PriceRow? in
                    let key = PriceKey(model: model, region: region, routing: place.routing, kind: kind)
                    guard pricing.table.price(of: key, on: from)?.source == .operator else { return nil }
                    return PriceRow(key: key, price: nil, effective: from, source: .operator)
                }
            }
            guard !rows.isEmpty else {
                throw UserFacingError(
                    "there is no price of yours for \(model) on \(from) there",
                    hint: "admin spend prices list --history shows all that were set"
                )
            }
            let regions = place.region.joined(separator: ", ")
            let detail = "\(model), \(place.routing.rawValue), in \(regions): AWS's prices hold from \(from)"
            try store.prices.add(rows, detail: detail, by: context.act)
            context.terminal.note(detail)
        }
    }
}

/// The model and regions that a price of the operator's is for, and its first day.
struct PricePlace: ParsableArguments {
    @Argument(help: ArgumentHelp("The model, as price lists name it, or its id.", valueName: "model"))
    var name: String
    @Option(help: "A region that calls are sent to; several times for several.")
    var region: [String]
    @Flag(help: "The price of global profiles, in place of the regional one.")
    var global = false
    @Option(help: "The UTC day from which on it holds, YYYY-MM-DD; today unless given.")
    var from: String?
    @Flag(help: "Take a model that no price list has.")
    var new = false

    var routing: Routing { global ? .global : .regional }

    func day(_ context: AdminContext) throws(UserFacingError) -> UTCDay {
        guard let from else { return UTCDay(containing: context.now) }
        return try UsageRange.day(from, "--from")
    }

    /// The name by which price lists have the model.
    ///
    /// - Throws: ``UserFacingError`` for a name that none has: it may be misspelt, and would price nothing.
    func model(in pricing: Pricing) throws(UserFacingError) -> String {
        let names = pricing.priceListNames(of: name)
        let known = Set(pricing.table.keys.map(\.model))
        if let found = names.intersection(known).min() { return found }
        guard new else {
            let error = pricing.unknown(name)
            throw UserFacingError(error.problem, hint: "\(error.hint ?? ""); --new takes it all the same")
        }
        return PriceKey.name(name)
    }
}

/// Prices for a million tokens as they are typed.
struct TypedPrices: ParsableArguments {
    @Option(help: ArgumentHelp("Tokens of the prompt.", valueName: "usd"))
    var input: String?
    @Option(help: ArgumentHelp("Tokens of the answer.", valueName: "usd"))
    var output: String?
    @Option(help: ArgumentHelp("Tokens read from the cache.", valueName: "usd"))
    var cacheRead: String?
    @Option(help: ArgumentHelp("Tokens written to the cache for five minutes.", valueName: "usd"))
    var cacheWrite: String?
    @Option(name: .customLong("cache-write-1h"), help: ArgumentHelp("… for an hour.", valueName: "usd"))
    var cacheWrite1h: String?

    /// - Throws: ``UserFacingError`` if there is none, or one that can't be taken exactly.
    func read() throws(UserFacingError) -> [(PricedClass, TokenPrice)] {
        let typed: [(PricedClass, String?)] = [
            (.input, input), (.output, output), (.cacheRead, cacheRead), (.cacheWrite, cacheWrite),
            (.cacheWrite1h, cacheWrite1h),
        ]
        var prices: [(PricedClass, TokenPrice)] = []
        for case (let kind, let text?) in typed {
            guard let price = TokenPrice(text, per: .million) else {
                throw .misuse(
                    "--\(kind.rawValue) \"\(ControlText.brief(text))\" is not a price",
                    hint: "US dollars for a million tokens, with at most ten decimals: 2.97"
                )
            }
            prices.append((kind, price))
        }
        guard !prices.isEmpty else {
            throw .misuse("no price is given", hint: "--input, --output, --cache-read, --cache-write, --cache-write-1h")
        }
        return prices
    }
}

struct AliasModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Say which prices a model has whose name no price list shows.",
        discussion: #"""
            A model's id gets the name by which AWS's price list has it, with or without
            " (Amazon Bedrock Edition)". An application inference profile, which hides its
            model, gets the id of that model. Calls that are counted already follow.
            Without options it lists the aliases that there are.

            Examples:
              admin spend prices alias
              admin spend prices alias amazon.titan-embed-text-v2:0 \
                "Titan Text Embeddings V2"
              admin spend prices alias \
                arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ab12 \
                us.anthropic.claude-sonnet-4-6
              admin spend prices alias amazon.titan-embed-text-v2:0 --remove
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: ArgumentHelp("A model's id, or the ARN of an application profile.", valueName: "model"))
    var name: String?
    @Argument(help: ArgumentHelp("The name in price lists, or the profile's model.", valueName: "target"))
    var target: String?
    @Flag(help: "Take the alias away.")
    var remove = false

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            guard let name else { return try list(store, context.terminal) }
            guard remove != (target != nil) else {
                throw UserFacingError.misuse(
                    remove ? "--remove takes no target" : "what is \(name) called in price lists?",
                    hint: "admin spend prices alias \(ShellWord.quoted(name)) \"NAME\""
                )
            }
            let found = try target.map { try checked($0, for: name, try store.prices.pricing()) }
            guard try store.prices.setAlias(name, to: found, by: context.act) else {
                return context.terminal.note("\(name) has \(found == nil ? "no alias" : "that alias already")")
            }
            context.terminal.note(found.map { "\(name) is priced as \($0)" } ?? "\(name) has no alias any more")
        }
    }

    /// The target, if it can have a price.
    private func checked(_ target: String, for name: String, _ pricing: Pricing) throws(UserFacingError) -> String {
        let known = Set(pricing.table.keys.map(\.model))
        guard case .applicationProfile = InvokedModel(name) else {
            let target = PriceKey.name(target)
            guard known.contains(target) else { throw pricing.unknown(target) }
            return target
        }
        let names = pricing.names.pricing(of: target).names
        guard case .foundation = InvokedModel(target), names.contains(where: known.contains) else {
            throw UserFacingError(
                "\"\(ControlText.brief(target))\" is not the id of a model with a known price",
                hint: "a profile gets its model's id, such as us.anthropic.claude-sonnet-4-6"
            )
        }
        return target
    }

    private func list(_ store: Store, _ terminal: Terminal) throws {
        let aliases = try store.prices.aliases()
        guard !aliases.isEmpty else { return terminal.note("there is no alias") }
        var table = Table([.init("model"), .init("priced as"), .init("recorded"), .init("by", isMinor: true)])
        for alias in aliases {
            table.append([alias.name, alias.target, Timestamp.string(alias.recorded), alias.actor])
        }
        try terminal.print(table.text(terminal.output, width: terminal.width))
    }
}
