import BursarFoundation
import BursarModel
import Vending

/// The names that the vends of one commit are counted under by network.
///
/// A network that is counted by name has a row; what isn't known of that is looked up.
struct NetworkNames {
    /// Networks counted by name per key and day; the rest are counted as `other`.
    private static let limit = 50

    private var known: KnownNetworks
    private let unknown: Announced<Set<VendTally.Place>>
    private let counts: Announced<[String: Int]>

    /// Announces the queries for those of `places` that aren't `known`.
    init(_ db: any Transaction, of places: Set<VendTally.Place>, on day: UTCDay, _ known: KnownNetworks) {
        self.known = known
        self.known.begin(day)
        let unknown = places.filter { [known = self.known] in !known.contains($0) }
        self.unknown = Self.withoutRow(Array(unknown), day, db)
        counts = KeyList(Set(unknown.map(\.key))).announceValues(db, [day.number]) { isListed in
            "SELECT key_id, count(*) AS value FROM usage_networks WHERE day = ? AND \(isListed) GROUP BY key_id"
        }
    }

    /// Returns the names that `places`, which are among those of the initializer, are counted under, and what is known
    /// once they have their rows.
    func names(
        for places: [VendTally.Place: Int]
    ) throws -> (names: [(key: String, name: String, count: Int)], known: KnownNetworks) {
        let new = try unknown.get()
        var (known, counts) = (known, try new.isEmpty ? [:] : counts.get())
        var named: [(key: String, name: String, count: Int)] = []
        // One row for each key: PostgreSQL refuses an INSERT that meets a row twice.
        var others: [String: Int] = [:]
        for (place, vends) in places {
            let key = place.key.description
            if new.contains(place) {
                guard counts[key, default: 0] < Self.limit else {
                    others[key, default: 0] += vends
                    continue
                }
                counts[key, default: 0] += 1
            }
            known.insert(place)
            named.append((key, place.network.description, vends))
        }
        return (named + others.map { ($0, "other", $1) }, known)
    }

    /// Announces the query for those of `places` that have no row on that day.
    private static func withoutRow(
        _ places: [VendTally.Place],
        _ day: UTCDay,
        _ db: any Transaction
    ) -> Announced<Set<VendTally.Place>> {
        guard let first = places.first else { return Announced([]) }
        if places.count == 1 {
            let hasRow = db.announceExistence(
                "SELECT 1 AS value FROM usage_networks WHERE day = ? AND key_id = ? AND network = ?",
                [day.number, first.key.description, first.network.description]
            )
            return Announced { try hasRow.get() ? [] : [first] }
        }
        let named = Dictionary(uniqueKeysWithValues: places.map { ("\($0.key) \($0.network)", $0) })
        let sql = """
            SELECT key_id || ' ' || network AS value FROM usage_networks WHERE day = ? AND (key_id, network) IN (
                SELECT substr(value, 1, \(KeyID.length)), substr(value, \(KeyID.length + 2))
                FROM (\(db.dialect.elementsOfJSONArgument)) AS places
            )
            """
        return db.announce(sql, [day.number, KeyList.json(named.keys)]) { rows in
            var missing = named
            try rows.each { row in missing[try row["value"]] = nil }
            return Set(missing.values)
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
