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

    /// The cost of `tokens` that `calls` of one model used in one region on one day; `modelID` is the log's.
    package func estimate(_ tokens: TokenCounts, calls: Int64, modelID: String, region: String, on day: UTCDay)
        -> Estimate
    {
        var estimate = Estimate()
        let (names, routing) = names.pricing(of: modelID)
        func price(_ kind: PricedClass) -> PriceTable.Found? {
            for name in names {
                let key = PriceKey(model: name, region: region, routing: routing, kind: kind)
                if let found = table.price(of: key, on: day) { return found }
            }
            return nil
        }
        var isPriced = false
        for kind in TokenClass.allCases {
            let prices = kind.prices.compactMap(price)
            isPriced = isPriced || !prices.isEmpty
            guard let low = prices.map(\.price).min(), let high = prices.map(\.price).max() else {
                estimate.unpriced[kind] = tokens[kind]
                continue
            }
            guard tokens[kind] != 0 else { continue }
            estimate.low += low.cost(of: tokens[kind])
            estimate.high += high.cost(of: tokens[kind])
            estimate.isExtended = estimate.isExtended || prices.contains(where: \.isExtended)
        }
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
