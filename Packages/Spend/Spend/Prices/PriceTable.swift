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
    /// The rows of each source, sorted by their first day; of several for one day the one that was recorded last.
    private var rows: [PriceKey: [PriceRow.Source: [PriceRow]]] = [:]

    /// A table of rows in the order in which they were recorded.
    package init(_ rows: some Sequence<PriceRow> = []) {
        for row in rows { add(row) }
    }

    package mutating func add(_ row: PriceRow) {
        Self.insert(row, into: &rows[row.key, default: [:]][row.source, default: []])
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
    /// The operator's row goes before the list's, and the list's before the snapshot's: AWS dates a price from the start
    /// of a month, so a row of a later list may seem older than the snapshot's. What came before the first row has that
    /// row's price.
    package func price(of key: PriceKey, on day: UTCDay) -> Found? {
        guard let rows = rows[key] else { return nil }
        for source in [PriceRow.Source.operator, .list, .snapshot] {
            guard let row = rows[source]?.last(where: { $0.effective <= day }), let price = row.price else { continue }
            return Found(price: price, source: source, effective: row.effective, isExtended: false)
        }
        let first = [rows[.list]?.first, rows[.snapshot]?.first].compactMap(\.self).min { $0.effective < $1.effective }
        guard let first, let price = first.price else { return nil }
        return Found(price: price, source: first.source, effective: first.effective, isExtended: true)
    }

    /// All models, regions, routings and classes of tokens that have a row, in no order.
    package var keys: some Collection<PriceKey> { rows.keys }

    /// The days on which a price begins to hold.
    package var effectiveDays: Set<UTCDay> {
        Set(rows.values.lazy.flatMap(\.values).joined().map(\.effective))
    }

    /// A price, and where it is from.
    package struct Found: Hashable, Sendable {
        package let price: TokenPrice
        package let source: PriceRow.Source
        /// The day from which on it is listed.
        package let effective: UTCDay
        /// True if the day is before the first one that a price is listed for.
        package let isExtended: Bool
    }
}
