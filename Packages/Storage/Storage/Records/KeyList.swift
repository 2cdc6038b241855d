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

    /// Returns the column `value` by the column `key_id` of a query, which `sql` makes of the condition on the list's keys.
    ///
    /// `arguments` are those before the condition's. Without keys there is no query.
    func values<Value: SQLConvertible>(
        _ db: any Transaction,
        _ arguments: SQLArguments = [],
        sql: (_ isListed: String) -> String
    ) throws -> [String: Value] {
        guard let first = keys.first else { return [:] }
        let isOne = keys.count == 1
        let condition = isOne ? "\(column) = ?" : db.dialect.isElementOfJSONArgument(column)
        let argument = isOne ? first.description : Self.json(keys.lazy.map(\.description))
        var values: [String: Value] = [:]
        try db.forEach(sql(condition), arguments + [argument]) { row in
            values[try row["key_id"]] = try row["value"] as Value
        }
        return values
    }

    /// Returns the JSON array of texts that need no escapes, as ids and networks.
    ///
    /// An encoder costs more than the query.
    static func json(_ texts: some Collection<String>) -> String {
        texts.isEmpty ? "[]" : "[\"" + texts.joined(separator: "\",\"") + "\"]"
    }
}
