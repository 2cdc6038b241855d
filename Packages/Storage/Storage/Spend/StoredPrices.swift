package import BursarFoundation
import BursarModel
package import Spend

/// Prices that were read or set after the snapshot that the program ships with, and the names of models in price lists.
package struct StoredPrices: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    /// A price, and who recorded it when.
    package struct Row: Sendable {
        package let price: PriceRow
        package let recorded: Date
        package let actor: String
    }

    /// The operator's name for a model in price lists, or an application profile's model.
    package struct Alias: Sendable, Equatable {
        /// A model's id, or the ARN of an application profile.
        package let name: String
        package let target: String
        package let recorded: Date
        package let actor: String
    }

    /// All rows, in the order in which they were recorded.
    package func rows() throws -> [Row] {
        try database.read(Self.rows)
    }

    package func aliases() throws -> [Alias] {
        try database.read(Self.aliases)
    }

    /// The prices and names that hold: the snapshot's, and what was recorded since.
    package func pricing() throws -> Pricing {
        try database.read(Self.pricing)
    }

    /// Appends rows, and records that.
    package func add(_ rows: [PriceRow], detail: String, by act: AuditContext) throws {
        guard !rows.isEmpty else { return }
        try database.write { db in
            let last: Int64 = try db.value("SELECT max(id) AS value FROM spend_prices") ?? 0
            var values: [SQLValue] = []
            for (number, row) in zip((last + 1)..., rows) {
                values += [
                    .integer(number), .text(row.source.rawValue), .text(row.key.model), .text(row.key.region),
                    .text(row.key.routing.rawValue), .text(row.key.kind.rawValue), SQLValue(row.price?.units),
                    .integer(row.effective.number), .integer(act.date.milliseconds), .text(act.actor),
                ]
            }
            try Self.insert.write(values, to: db)
            try act.record(.pricesChanged, detail: detail, in: db)
        }
    }

    /// Sets an alias, or removes it if `target` is nil.
    ///
    /// - Returns: false if there was nothing to change.
    package func setAlias(_ name: String, to target: String?, by act: AuditContext) throws -> Bool {
        try database.write { db in
            let known: String? = try db.value("SELECT target AS value FROM spend_aliases WHERE name = ?", [name])
            guard known != target else { return false }
            if let target {
                try db.change(
                    """
                    INSERT INTO spend_aliases (name, target, recorded_at, actor) VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET target = excluded.target, recorded_at = excluded.recorded_at,
                        actor = excluded.actor
                    """,
                    [name, target, act.date, act.actor]
                )
            } else {
                try db.change("DELETE FROM spend_aliases WHERE name = ?", [name])
            }
            try act.record(.pricesChanged, detail: "alias \(name) = \(target ?? "none")", in: db)
            return true
        }
    }

    private static let insert = RowInsert(
        into: "spend_prices",
        [
            "id": .integer, "source": .text, "model": .text, "region": .text, "routing": .text, "kind": .text,
            "price": .integer, "effective": .integer, "recorded_at": .integer, "actor": .text,
        ]
    )

    private static func rows(_ db: any Transaction) throws -> [Row] {
        try db.all(
            """
            SELECT source, model, region, routing, kind, price, effective, recorded_at, actor FROM spend_prices
            ORDER BY id
            """
        )
    }

    private static func aliases(_ db: any Transaction) throws -> [Alias] {
        try db.all("SELECT name, target, recorded_at, actor FROM spend_aliases ORDER BY name")
    }

    static func pricing(_ db: any Transaction) throws -> Pricing {
        let snapshot: PriceSnapshot
        do {
            snapshot = try PriceSnapshot.shipped()
        } catch {
            throw StoreError.unavailable(cause: "the program's own price list can't be read")
        }
        let aliases = try aliases(db).map { ($0.name, $0.target) }
        return Pricing(
            table: PriceTable(snapshot.rows + (try rows(db).map(\.price))),
            names: ModelNames(names: snapshot.names, aliases: Dictionary(uniqueKeysWithValues: aliases))
        )
    }
}

extension StoredPrices.Row: RowDecodable {
    package init(_ row: ResultRow) throws {
        func read<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
            guard let value = Value(rawValue: try row[column]) else {
                throw StoreError.unavailable(cause: "the \(column) of a price can't be read")
            }
            return value
        }
        let units: Int64? = try row["price"]
        price = PriceRow(
            key: PriceKey(
                model: try row["model"],
                region: try row["region"],
                routing: try read("routing"),
                kind: try read("kind")
            ),
            price: units.map { TokenPrice(units: $0) },
            effective: UTCDay(number: try row["effective"]),
            source: try read("source")
        )
        recorded = try row["recorded_at"]
        actor = try row["actor"]
    }
}

extension StoredPrices.Alias: RowDecodable {
    package init(_ row: ResultRow) throws {
        name = try row["name"]
        target = try row["target"]
        recorded = try row["recorded_at"]
        actor = try row["actor"]
    }
}
