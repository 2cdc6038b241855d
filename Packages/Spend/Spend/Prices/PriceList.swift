package import BursarFoundation
import BursarModel

/// A price list file as AWS publishes it for one service and region.
///
/// https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-fetching-manually.html
package struct PriceList: Sendable {
    /// AWS's code: `AmazonBedrock`, `AmazonBedrockFoundationModels` or `AmazonBedrockService`.
    package let offer: String
    /// When AWS published it, as it is written there.
    package let published: String
    /// The prices of tokens on demand, sorted.
    package let rows: [PriceRow]
    /// Products with other prices: batch, other tiers, images, provisioned throughput.
    package let others: Int
    /// Products that look like tokens on demand and whose price can't be taken exactly: one line each.
    package let faults: [String]

    /// The reason why a file isn't taken.
    package enum ParseError: Error, Equatable {
        /// Not JSON, or not the shape of a price list.
        case notPriceList
        /// A price list of another service.
        case otherOffer(String)
    }

    package static let offers: Set<String> = [
        "AmazonBedrock", "AmazonBedrockFoundationModels", "AmazonBedrockService",
    ]

    /// - Throws: ``ParseError``.
    package init(json: Data) throws(ParseError) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: json)
        } catch {
            throw .notPriceList
        }
        guard Self.offers.contains(file.offerCode) else { throw .otherOffer(file.offerCode) }
        offer = file.offerCode
        published = file.publicationDate
        var (rows, faults, others): ([PriceRow], [String], Int) = ([], [], 0)
        for (sku, product) in file.products.sorted(by: { $0.key < $1.key }) {
            guard let (model, region, routing, kind) = product.attributes.tokens else {
                others += 1
                continue
            }
            let key = PriceKey(model: model, region: region, routing: routing, kind: kind)
            for term in (file.terms.onDemand?[sku] ?? [:]).values {
                do throws(Flaw) {
                    rows.append(try term.row(key))
                } catch {
                    faults.append("\(sku) (\(model), \(region), \(kind.rawValue)): \(error.rawValue)")
                }
            }
        }
        // Two products of one model, such as text and speech, whose difference a log record doesn't show.
        let prices = Dictionary(grouping: rows) { Moment(key: $0.key, effective: $0.effective) }
        for (moment, rows) in prices where Set(rows.map(\.price)).count > 1 {
            faults.append("\(moment.key.model), \(moment.key.region), \(moment.key.kind.rawValue): several prices")
        }
        self.rows = prices.values.compactMap { Set($0.map(\.price)).count == 1 ? $0[0] : nil }
            .sorted { $0.order < $1.order }
        self.faults = faults.sorted()
        self.others = others
    }
}

extension PriceRow {
    fileprivate var order: (String, String, String, String, UTCDay) {
        (key.model, key.region, key.routing.rawValue, key.kind.rawValue, effective)
    }
}

/// A key and a day, which may have one price only.
private struct Moment: Hashable {
    let key: PriceKey
    let effective: UTCDay
}

/// The reason why a price isn't taken.
private enum Flaw: String, Error {
    case unit = "its unit is unknown"
    case price = "its price is no plain number in US dollars, or has too many decimals"
    case tiers = "it has several prices"
    case date = "its date can't be read"
}

/// The relevant fields, in AWS's spelling.
private struct File: Decodable {
    let offerCode: String
    let publicationDate: String
    let products: [String: Product]
    let terms: Terms

    struct Product: Decodable {
        let attributes: Attributes
    }

    struct Terms: Decodable {
        let onDemand: [String: [String: Term]]?

        enum CodingKeys: String, CodingKey {
            case onDemand = "OnDemand"
        }
    }

    struct Attributes: Decodable {
        let regionCode: String?
        let model: String?
        let feature: String?
        let usagetype: String?
        let servicename: String?

        /// The key of the product's price; nil if it isn't one for tokens on demand.
        var tokens: (model: String, region: String, Routing, PricedClass)? {
            guard let usagetype, let region = regionCode, !region.isEmpty else { return nil }
            if let rest = usagetype.firstRange(of: "-MP:").map({ usagetype[$0.upperBound...] }) {
                guard let servicename, let underscore = rest.firstIndex(of: "_") else { return nil }
                let name = rest[rest.index(after: underscore)...]
                guard let (routing, kind) = Self.marketplace[String(name)] else { return nil }
                return (servicename, region, routing, kind)
            }
            // Training has usage types that end alike.
            guard feature != "Model Customization", let (name, routing, kind) = Self.suffix(usagetype) else {
                return nil
            }
            return (model ?? name, region, routing, kind)
        }

        /// The parts of a usage type of AWS's own list, `USE1-NovaLite-input-tokens`; nil for those of other tiers.
        ///
        /// The name in it is the model's where the list gives no other, as for Titan. Rows of the `mantle` endpoint are
        /// left: its calls aren't in the log.
        private static func suffix(_ usagetype: String) -> (name: String, Routing, PricedClass)? {
            guard usagetype.firstRange(of: "-mantle-") == nil, let dash = usagetype.firstIndex(of: "-") else {
                return nil
            }
            var name = usagetype[usagetype.index(after: dash)...]
            var routing = Routing.regional
            for (end, found) in routings where name.hasSuffix(end) {
                name = name.dropLast(end.count)
                routing = found
                break
            }
            for (end, kind) in suffixes where name.hasSuffix(end) {
                return (String(name.dropLast(end.count)), routing, kind)
            }
            return nil
        }

        private static let routings: [(String, Routing)] = [
            ("-cross-region-global", .global), ("-global-standard", .global), ("-standard", .regional),
        ]

        private static let suffixes: [(String, PricedClass)] = [
            ("-cache-write-input-token-count-1-hour", .cacheWrite1h),
            ("-cache-write-1h-input-token-count", .cacheWrite1h),
            ("-cache-write-input-token-count", .cacheWrite),
            ("-cache-read-input-token-count", .cacheRead),
            ("-cache-write-tokens-1h", .cacheWrite1h),
            ("-cache-write-tokens-5m", .cacheWrite),
            ("-cache-write-tokens", .cacheWrite),
            ("-cache-read-tokens", .cacheRead),
            ("-input-tokens", .input),
            ("-output-tokens", .output),
        ]

        /// The whole usage types of models that are sold through the marketplace, after their region.
        ///
        /// Models up to Claude 4.6 have the first spelling, newer ones the second.
        private static let marketplace: [String: (Routing, PricedClass)] = {
            let first: [(String, PricedClass)] = [
                ("InputTokenCount", .input), ("OutputTokenCount", .output), ("CacheReadInputTokenCount", .cacheRead),
                ("CacheWriteInputTokenCount", .cacheWrite), ("CacheWrite5mInputTokenCount", .cacheWrite),
                ("CacheWrite1hInputTokenCount", .cacheWrite1h),
            ]
            let second: [(String, String, PricedClass)] = [
                ("input_tokens", "", .input), ("output_tokens", "", .output), ("cache_read_tokens", "", .cacheRead),
                ("cache_write_tokens", "", .cacheWrite), ("cache_write_tokens", "_5m", .cacheWrite),
                ("cache_write_tokens", "_1h", .cacheWrite1h), ("cache_read_input_tokens", "", .cacheRead),
                ("cache_write_input_tokens", "", .cacheWrite), ("cache_write_1h_input_tokens", "", .cacheWrite1h),
            ]
            var names: [String: (Routing, PricedClass)] = [:]
            for (name, kind) in first {
                names["\(name)-Units"] = (.regional, kind)
                names["\(name)_Geo-Units"] = (.regional, kind)
                names["\(name)_Global-Units"] = (.global, kind)
            }
            for (name, lifetime, kind) in second {
                names["\(name)\(lifetime)_standard-Units"] = (.regional, kind)
                names["\(name)\(lifetime)_global_standard-Units"] = (.global, kind)
                names["\(name)_global\(lifetime)_standard-Units"] = (.global, kind)
            }
            return names
        }()
    }

    struct Term: Decodable {
        let effectiveDate: String
        let priceDimensions: [String: Dimension]

        func row(_ key: PriceKey) throws(Flaw) -> PriceRow {
            guard priceDimensions.count == 1, let dimension = priceDimensions.values.first else { throw .tiers }
            guard let quantity = dimension.quantity else { throw .unit }
            guard let text = dimension.pricePerUnit["USD"], let price = TokenPrice(text, per: quantity) else {
                throw .price
            }
            guard let date = Timestamp.date(effectiveDate) else { throw .date }
            return PriceRow(key: key, price: price, effective: UTCDay(containing: date), source: .list)
        }
    }

    struct Dimension: Decodable {
        let unit: String
        let pricePerUnit: [String: String]

        /// Marketplace lists count a million tokens as one of their `Units`.
        var quantity: TokenPrice.Quantity? {
            switch unit.lowercased() {
            case "1k tokens": .thousand
            case "1m tokens", "units": .million
            default: nil
            }
        }
    }
}
