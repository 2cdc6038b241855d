/// An amount of money in US dollars, exact to 10⁻¹⁶.
///
/// AWS lists prices with ten decimals for a thousand or a million tokens, so the price of one token is a whole number of
/// these units, and so is every sum.
package struct USD: Hashable, Sendable, Comparable {
    /// Whole units of 10⁻¹⁶ USD.
    package var units: Int128

    package static let zero = USD(units: 0)
    package static let decimals = 16
    private static let one: Int128 = 10_000_000_000_000_000

    package init(units: Int128) {
        self.units = units
    }

    /// Reads a decimal number such as `12`, `0.16101391` or `-3.5`.
    ///
    /// Returns nil for any other form, for more than 16 decimals other than zeros, and beyond 10¹⁸ USD.
    package init?(_ text: String) {
        guard let units = Self.scaled(text, decimals: Self.decimals) else { return nil }
        self.units = units
    }

    /// The number `text` × 10^`decimals`, if that is whole and has at most 34 digits.
    static func scaled(_ text: String, decimals: Int) -> Int128? {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= decimals, parts[0].count + decimals <= 34 else { return nil }
        fraction += Array(repeating: UInt8(ascii: "0"), count: decimals - fraction.count)
        var number: Int128 = 0
        for byte in Array(parts[0]) + fraction {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int128(byte - UInt8(ascii: "0"))
        }
        return isNegative ? -number : number
    }

    package static func < (one: USD, other: USD) -> Bool { one.units < other.units }

    package static func + (one: USD, other: USD) -> USD { USD(units: one.units + other.units) }

    package static func - (one: USD, other: USD) -> USD { USD(units: one.units - other.units) }

    package static func += (one: inout USD, other: USD) { one.units += other.units }
}

extension USD: CustomStringConvertible {
    /// The exact amount, without trailing zeros and without a sign for the currency: `0.16101391`.
    package var description: String {
        let (whole, rest) = units.magnitude.quotientAndRemainder(dividingBy: UInt128(Self.one))
        let sign = units < 0 ? "-" : ""
        guard rest != 0 else { return sign + "\(whole)" }
        var fraction = "\(rest)"
        fraction = String(repeating: "0", count: Self.decimals - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return sign + "\(whole).\(fraction)"
    }

    /// The amount as tables show it: rounded half up to cents, or to four decimals below a cent.
    ///
    /// An amount other than zero that rounds to zero is `<0.0001`.
    package var rounded: String {
        let size = units.magnitude
        guard size != 0 else { return "0.00" }
        let sign = units < 0 ? "-" : ""
        let places = size < UInt128(Self.one / 100) ? 4 : 2
        let unit = UInt128(Self.one) / (places == 4 ? 10_000 : 100)
        let scaled = (size + unit / 2) / unit
        guard scaled != 0 else { return units < 0 ? ">-0.0001" : "<0.0001" }
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: places == 4 ? 10_000 : 100)
        let fraction = "\(rest)"
        return sign + "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}

/// The price of one token: whole units of 10⁻¹⁶ USD.
package struct TokenPrice: Hashable, Sendable, Comparable {
    package let units: Int64

    package init(units: Int64) {
        self.units = units
    }

    /// Reads a price for 1,000 or 1,000,000 tokens as AWS lists it.
    ///
    /// - Returns: nil if it is no plain number, is negative, or isn't a whole number of units for one token.
    package init?(_ text: String, per quantity: Quantity) {
        let decimals = USD.decimals - quantity.exponent
        guard let scaled = USD.scaled(text, decimals: decimals), scaled >= 0, let units = Int64(exactly: scaled) else {
            return nil
        }
        self.units = units
    }

    /// The number of tokens that a listed price is for.
    package enum Quantity: Sendable {
        case thousand
        case million

        var exponent: Int { self == .thousand ? 3 : 6 }
    }

    package func cost(of tokens: Int64) -> USD {
        USD(units: Int128(units) * Int128(tokens))
    }

    /// The price of a million tokens, as people compare prices.
    package var perMillion: USD { cost(of: 1_000_000) }

    package static func < (one: Self, other: Self) -> Bool { one.units < other.units }
}
