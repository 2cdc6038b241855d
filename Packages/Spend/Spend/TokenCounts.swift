/// The classes of tokens that AWS counts in a call, each with a price of its own.
///
/// `input` excludes cache reads and writes: adding or subtracting them counts them twice or not at all.
package enum TokenClass: String, Sendable, CaseIterable, Codable {
    case input
    case output
    case cacheRead
    case cacheWrite
}

/// Tokens by class.
package struct TokenCounts: Hashable, Sendable {
    package var input: Int64
    package var output: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64

    package static let zero = TokenCounts()

    package init(input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }

    package subscript(_ kind: TokenClass) -> Int64 {
        get {
            switch kind {
            case .input: input
            case .output: output
            case .cacheRead: cacheRead
            case .cacheWrite: cacheWrite
            }
        }
        set {
            switch kind {
            case .input: input = newValue
            case .output: output = newValue
            case .cacheRead: cacheRead = newValue
            case .cacheWrite: cacheWrite = newValue
            }
        }
    }

    /// Adds each class; a sum ends at the largest number, which only made-up records reach.
    package static func += (one: inout Self, other: Self) {
        for kind in TokenClass.allCases {
            let (sum, isTooLarge) = one[kind].addingReportingOverflow(other[kind])
            one[kind] = isTooLarge ? .max : sum
        }
    }
}
