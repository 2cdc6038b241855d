import BursarFoundation
import BursarModel

/// Keys that one query looks up together, since on PostgreSQL each query is a round trip.
struct KeyList {
    private let keys: Set<KeyID>
    private let column: String

    init(_ keys: Set<KeyID>, column: String = "key_id") {
        self.keys = keys
        self.column = column
    }

    /// Announces a query, which `sql` makes of the condition on the list's keys, for its column `value` by its column
    /// `key_id`.
    ///
    /// `arguments` are those before the condition's. Without keys there is no query.
    func announceValues<Value: SQLConvertible>(
        _ db: any Transaction,
        _ arguments: SQLArguments = [],
        sql: (_ isListed: String) -> String
    ) -> Announced<[String: Value]> {
        guard let first = keys.first else { return Announced([:]) }
        let isOne = keys.count == 1
        let condition = isOne ? "\(column) = ?" : db.dialect.isElementOfJSONArgument(column)
        let argument = isOne ? first.description : Self.json(keys.lazy.map(\.description))
        return db.announce(sql(condition), arguments + [argument]) { rows in
            var values: [String: Value] = [:]
            try rows.each { row in values[try row["key_id"]] = try row["value"] as Value }
            return values
        }
    }

    /// Returns the JSON array of texts that need no escapes, as ids and networks.
    ///
    /// An encoder costs more than the query.
    static func json(_ texts: some Collection<String>) -> String {
        texts.isEmpty ? "[]" : "[\"" + texts.joined(separator: "\",\"") + "\"]"
    }
}
