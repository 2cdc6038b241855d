import BursarFoundation
package import BursarModel

/// The prices and model names that this version ships with, from the tables beside this file.
///
/// They name their sources. `admin spend prices update` adds what AWS lists today.
package struct PriceSnapshot: Sendable {
    /// The newest day that a source is of.
    package let day: UTCDay
    package let rows: [PriceRow]
    /// Names of foundation models by their ids.
    package let names: [String: [String]]

    package enum ParseError: Error, Equatable {
        case malformed(line: String)
    }

    /// The snapshot of this version.
    package static func shipped() throws(ParseError) -> PriceSnapshot {
        try PriceSnapshot(prices: PackageResources.snapshot_tsv, names: PackageResources.models_tsv)
    }

    init(prices: [UInt8], names: [UInt8]) throws(ParseError) {
        let lines = Self.lines(prices)
        guard let day = lines.lazy.filter({ $0[0] == "# date" && $0.count == 2 }).compactMap({ UTCDay($0[1]) }).first
        else {
            throw .malformed(line: "date")
        }
        self.day = day
        var rows: [PriceRow] = []
        for fields in lines where !fields[0].hasPrefix("#") {
            guard let found = Self.rows(fields) else { throw .malformed(line: fields.joined(separator: "\t")) }
            rows += found
        }
        self.rows = rows
        var known: [String: [String]] = [:]
        for fields in Self.lines(names) where !fields[0].hasPrefix("#") {
            guard fields.count == 3 else { throw .malformed(line: fields.joined(separator: "\t")) }
            known[fields[0], default: []].append(fields[1])
        }
        self.names = known
    }

    private static func lines(_ table: [UInt8]) -> [[String]] {
        String(decoding: table, as: UTF8.self).split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// One line: a model, its routing, its prices by class in US dollars for a million tokens, `-` for none, the day from
    /// which they hold, their source, and the regions.
    private static func rows(_ fields: [String]) -> [PriceRow]? {
        guard fields.count == 10, let routing = Routing(rawValue: fields[1]), let effective = UTCDay(fields[7]) else {
            return nil
        }
        var rows: [PriceRow] = []
        for (kind, text) in zip(PricedClass.allCases, fields[2...6]) where text != "-" {
            guard let price = TokenPrice(text, per: .million) else { return nil }
            for region in fields[9].split(separator: " ") {
                let key = PriceKey(model: fields[0], region: String(region), routing: routing, kind: kind)
                rows.append(PriceRow(key: key, price: price, effective: effective, source: .snapshot))
            }
        }
        return rows
    }
}
