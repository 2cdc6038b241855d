import BursarFoundation
import BursarModel
import Vending

extension UsageCounter {
    /// Networks counted by name per key and day; the rest are counted as `other`.
    private static let networks = 50

    /// Returns the names that `places` are counted under.
    func networks(
        of places: [VendTally.Place: Int],
        _ known: inout KnownNetworks
    ) throws -> [(key: String, name: String, count: Int)] {
        known.begin(day)
        let new = try withoutRow(places.keys.filter { !known.contains($0) })
        var counts = try networkCounts(of: Set(new.map(\.key)))
        var named: [(key: String, name: String, count: Int)] = []
        // One row for each key: PostgreSQL refuses an INSERT that meets a row twice.
        var others: [String: Int] = [:]
        for (place, vends) in places {
            let key = place.key.description
            if new.contains(place) {
                guard counts[key, default: 0] < Self.networks else {
                    others[key, default: 0] += vends
                    continue
                }
                counts[key, default: 0] += 1
            }
            known.insert(place)
            named.append((key, place.network.description, vends))
        }
        return named + others.map { ($0, "other", $1) }
    }

    /// Returns those of `places` that have no row on that day.
    private func withoutRow(_ places: [VendTally.Place]) throws -> Set<VendTally.Place> {
        if places.isEmpty { return [] }
        if places.count == 1 { return try hasRow(places[0]) ? [] : [places[0]] }
        var missing = Dictionary(uniqueKeysWithValues: places.map { ("\($0.key) \($0.network)", $0) })
        let sql = """
            SELECT key_id || ' ' || network AS value FROM usage_networks WHERE day = ? AND (key_id, network) IN (
                SELECT substr(value, 1, \(KeyID.length)), substr(value, \(KeyID.length + 2))
                FROM (\(db.dialect.elementsOfJSONArgument)) AS places
            )
            """
        let found: [String] = try db.values(sql, [day.number, KeyList.json(missing.keys)])
        for name in found { missing[name] = nil }
        return Set(missing.values)
    }

    private func hasRow(_ place: VendTally.Place) throws -> Bool {
        try db.exists(
            "SELECT 1 AS value FROM usage_networks WHERE day = ? AND key_id = ? AND network = ?",
            [day.number, place.key.description, place.network.description]
        )
    }

    /// Returns the number of networks with a row on that day, of those `keys` that have any.
    private func networkCounts(of keys: Set<KeyID>) throws -> [String: Int] {
        try KeyList(keys).values(db, [day.number]) { isListed in
            "SELECT key_id, count(*) AS value FROM usage_networks WHERE day = ? AND \(isListed) GROUP BY key_id"
        }
    }
}

/// A cache of networks that have a row on a day, so that not every commit looks them up.
///
/// It may only hold committed rows, which are never deleted.
struct KnownNetworks: Sendable {
    private static let limit = 20_000

    private var day: UTCDay?
    private var places: Set<VendTally.Place> = []

    /// Empties the cache if it is of another day.
    mutating func begin(_ day: UTCDay) {
        guard self.day != day else { return }
        self.day = day
        places = []
    }

    func contains(_ place: VendTally.Place) -> Bool { places.contains(place) }

    mutating func insert(_ place: VendTally.Place) {
        if places.count < Self.limit { places.insert(place) }
    }
}
