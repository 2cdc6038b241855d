package import BursarModel

/// The cost of calls as far as their log tells it: a range, and the tokens without a price.
///
/// The log doesn't say if what was written to the cache was to be kept for five minutes or for an hour, so the range
/// reaches from one price to the other.
package struct Estimate: Hashable, Sendable {
    package var low = USD.zero
    package var high = USD.zero
    /// Tokens that no price is known for.
    package var unpriced = TokenCounts.zero
    /// Calls of models that no price is known for.
    package var unpricedCalls: Int64 = 0
    /// True if a price was used for days before the first one that it is listed for.
    package var isExtended = false

    package init() {}

    package static func += (one: inout Self, other: Self) {
        one.low += other.low
        one.high += other.high
        one.unpriced += other.unpriced
        one.unpricedCalls += other.unpricedCalls
        one.isExtended = one.isExtended || other.isExtended
    }
}

/// The arithmetic from tokens to money.
package struct Pricing: Sendable {
    package var table: PriceTable
    package var names: ModelNames

    package init(table: PriceTable, names: ModelNames) {
        self.table = table
        self.names = names
    }

    /// The prices of one model's tokens in one region on one day; `modelID` is the log's.
    package func rates(of modelID: String, region: String, on day: UTCDay) -> Rates {
        let (names, routing) = names.pricing(of: modelID)
        func price(_ kind: PricedClass) -> PriceTable.Found? {
            for name in names {
                let key = PriceKey(model: name, region: region, routing: routing, kind: kind)
                if let found = table.price(of: key, on: day) { return found }
            }
            return nil
        }
        return Rates { $0.prices.compactMap(price) }
    }

    /// The cost of `tokens` that `calls` of one model used in one region on one day; `modelID` is the log's.
    package func estimate(_ tokens: TokenCounts, calls: Int64, modelID: String, region: String, on day: UTCDay)
        -> Estimate
    {
        rates(of: modelID, region: region, on: day).estimate(tokens, calls: calls)
    }
}

/// The prices that hold for one model, region and day: from one to another where the log can't tell which.
package struct Rates: Hashable, Sendable {
    private struct Bounds: Hashable, Sendable {
        let low: TokenPrice
        let high: TokenPrice
        let isExtended: Bool
    }

    /// In the order of ``TokenClass``; nil where no price is known.
    private let ranges: [Bounds?]

    init(_ prices: (TokenClass) -> [PriceTable.Found]) {
        ranges = TokenClass.allCases.map { kind in
            let found = prices(kind)
            guard let low = found.map(\.price).min(), let high = found.map(\.price).max() else { return nil }
            return Bounds(low: low, high: high, isExtended: found.contains(where: \.isExtended))
        }
    }

    /// The cost of `tokens` that `calls` used.
    package func estimate(_ tokens: TokenCounts, calls: Int64) -> Estimate {
        var estimate = Estimate()
        for (kind, range) in zip(TokenClass.allCases, ranges) {
            guard let range else {
                estimate.unpriced[kind] = tokens[kind]
                continue
            }
            guard tokens[kind] != 0 else { continue }
            estimate.low += range.low.cost(of: tokens[kind])
            estimate.high += range.high.cost(of: tokens[kind])
            estimate.isExtended = estimate.isExtended || range.isExtended
        }
        let isPriced = ranges.contains { $0 != nil }
        if !isPriced || estimate.unpriced != .zero { estimate.unpricedCalls = calls }
        return estimate
    }
}

extension TokenClass {
    /// The prices that may apply.
    fileprivate var prices: [PricedClass] {
        switch self {
        case .input: [.input]
        case .output: [.output]
        case .cacheRead: [.cacheRead]
        case .cacheWrite: [.cacheWrite, .cacheWrite1h]
        }
    }
}
