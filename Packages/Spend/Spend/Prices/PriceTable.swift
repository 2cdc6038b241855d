package import BursarModel

/// The classes of tokens that a price list has prices for.
///
/// A log record counts writes to the cache together; they cost more when they are kept for an hour than for five minutes.
package enum PricedClass: String, Sendable, CaseIterable, Codable {
    case input
    case output
    case cacheRead = "cache-read"
    case cacheWrite = "cache-write"
    case cacheWrite1h = "cache-write-1h"
}

/// The model, region, routing and class of tokens that one price is for.
package struct PriceKey: Hashable, Sendable {
    /// The model's name as the price list spells it, without ` (Amazon Bedrock Edition)`.
    package let model: String
    package let region: String
    package let routing: Routing
    package let kind: PricedClass

    package init(model: String, region: String, routing: Routing, kind: PricedClass) {
        self.model = PriceKey.name(model)
        self.region = region
        self.routing = routing
        self.kind = kind
    }

    /// A model's name without what the marketplace's price list adds to it.
    package static func name(_ listed: String) -> String {
        let edition = " (Amazon Bedrock Edition)"
        return listed.hasSuffix(edition) ? String(listed.dropLast(edition.count)) : listed
    }
}

/// A price that holds from a day on.
///
/// Rows are appended and never edited.
package struct PriceRow: Hashable, Sendable {
    package let key: PriceKey
    /// Nil in a row of the operator's that ends an earlier one.
    package let price: TokenPrice?
    /// The day on which it begins to hold.
    package let effective: UTCDay
    package let source: Source

    /// The origin of a price.
    package enum Source: String, Sendable, CaseIterable, Codable {
        /// AWS's price list, as it was when this version was made.
        case snapshot
        /// AWS's price list, read later.
        case list
        /// The operator: a discount or a private price.
        case `operator`
    }

    package init(key: PriceKey, price: TokenPrice?, effective: UTCDay, source: Source) {
        self.key = key
        self.price = price
        self.effective = effective
        self.source = source
    }
}

/// All prices, and the one that holds on a day.
package struct PriceTable: Sendable {
    /// Sorted by their first day; of several for one day the one that was recorded last is kept.
    private var listed: [PriceKey: [PriceRow]] = [:]
    private var own: [PriceKey: [PriceRow]] = [:]

    /// A table of rows in the order in which they were recorded.
    package init(_ rows: some Sequence<PriceRow> = []) {
        for row in rows { add(row) }
    }

    package mutating func add(_ row: PriceRow) {
        if row.source == .operator {
            Self.insert(row, into: &own[row.key, default: []])
        } else {
            Self.insert(row, into: &listed[row.key, default: []])
        }
    }

    private static func insert(_ row: PriceRow, into rows: inout [PriceRow]) {
        let index = rows.firstIndex { $0.effective >= row.effective } ?? rows.count
        if index < rows.count, rows[index].effective == row.effective {
            rows[index] = row
        } else {
            rows.insert(row, at: index)
        }
    }

    /// The price that holds on `day`; nil if none is known.
    ///
    /// An operator's row goes before the list's. What came before the first row of the list has that row's price.
    package func price(of key: PriceKey, on day: UTCDay) -> Found? {
        if let row = own[key]?.last(where: { $0.effective <= day }), let price = row.price {
            return Found(price: price, source: row.source, isExtended: false)
        }
        guard let rows = listed[key], let first = rows.first else { return nil }
        let row = rows.last { $0.effective <= day } ?? first
        return row.price.map { Found(price: $0, source: row.source, isExtended: day < row.effective) }
    }

    /// A price, and where it is from.
    package struct Found: Hashable, Sendable {
        package let price: TokenPrice
        package let source: PriceRow.Source
        /// True if the day is before the first one that a price is listed for.
        package let isExtended: Bool
    }
}
