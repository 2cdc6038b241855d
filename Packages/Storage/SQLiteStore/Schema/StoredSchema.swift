import BursarFoundation
import Crypto
import GRDB
import Storage

/// The tables, indexes, triggers and views of a database, as SQLite stores them.
///
/// Triggers and constraints enforce the invariants: an attacker who adds, drops or alters one could hide vends, lift a
/// quota or keep a revoked key alive, without another write.
struct StoredSchema {
    private struct Object: Comparable, CustomStringConvertible {
        let type: String
        let name: String
        let table: String
        /// nil for an index that SQLite creates for a constraint.
        let sql: String?

        var description: String { "\(type) \(name)" }

        static func < (one: Object, other: Object) -> Bool {
            (one.type, one.name, one.table, one.sql ?? "") < (other.type, other.name, other.table, other.sql ?? "")
        }
    }

    /// Tables that SQLite creates by itself, for ANALYZE and AUTOINCREMENT.
    private static let ownTables: Set<String> = [
        "CREATE TABLE sqlite_stat1(tbl,idx,stat)", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
        "CREATE TABLE sqlite_sequence(name,seq)",
    ]

    private let objects: [Object]

    init(_ db: GRDB.Database) throws {
        let sql = "SELECT type, name, tbl_name, sql FROM sqlite_master"
        objects = try Row.fetchAll(db.cachedStatement(sql: sql)).compactMap { row in
            let (type, sql): (String, String?) = (row["type"], row["sql"])
            if let sql, type == "table", Self.ownTables.contains(sql) { return nil }
            return Object(type: type, name: row["name"], table: row["tbl_name"], sql: sql.map(Self.normalized))
        }.sorted()
    }

    /// SHA-256 over all objects, as hexadecimal digits.
    var digest: String {
        var hash = SHA256()
        for object in objects {
            for field in [object.type, object.name, object.table, object.sql] {
                hash.update(data: Data("\(field?.utf8.count ?? -1):\(field ?? "")".utf8))
            }
        }
        return hash.finalize().map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    /// Describes the difference from `expected`, with at most three objects by name; nil if there is none.
    func difference(from expected: StoredSchema) -> String? {
        let (here, there) = (Dictionary(grouping: objects, by: \.description), expected.grouped)
        let differences = Set(here.keys).union(there.keys).sorted().compactMap { name -> String? in
            guard here[name] != there[name] else { return nil }
            if here[name] == nil { return "\(name) is missing" }
            return there[name] == nil ? "\(name) was added" : "\(name) was altered"
        }
        guard !differences.isEmpty else { return nil }
        return differences.prefix(3).joined(separator: ", ") + (differences.count > 3 ? ", …" : "")
    }

    private var grouped: [String: [Object]] { Dictionary(grouping: objects, by: \.description) }

    /// Replaces each run of white space outside quotes by one blank: another tool's copy may have another layout.
    private static func normalized(_ sql: String) -> String {
        var (text, quote) = ("", nil as Unicode.Scalar?)
        var isAfterBlank = false
        for scalar in sql.unicodeScalars {
            if let open = quote {
                if scalar == (open == "[" ? "]" : open) { quote = nil }
            } else if scalar.properties.isWhitespace && scalar.isASCII {
                isAfterBlank = true
                continue
            } else if "'\"`[".unicodeScalars.contains(scalar) {
                quote = scalar
            }
            if isAfterBlank { text.append(" ") }
            isAfterBlank = false
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}

extension Schema {
    /// Checks that the schema is exactly that of a version of Bursar.
    ///
    /// - Throws: ``StoreError/altered(path:change:)`` with the difference.
    static func check(_ db: GRDB.Database, version: Int = versions.count, path: String) throws {
        guard versions.indices.contains(version - 1) else { throw StoreError.notOurs(path: path) }
        if let change = try difference(db, version: version) { throw StoreError.altered(path: path, change: change) }
    }

    /// Checks a database that may be of an older version, by its list of applied migrations.
    static func checkOfItsVersion(_ db: GRDB.Database, path: String) throws {
        try check(db, version: try migrator.appliedIdentifiers(db).count, path: path)
    }

    /// Describes the difference from the schema of this version; nil if there is none.
    static func difference(_ db: GRDB.Database) throws -> String? {
        try difference(db, version: versions.count)
    }

    private static func difference(_ db: GRDB.Database, version: Int) throws -> String? {
        let stored = try StoredSchema(db)
        guard stored.digest != versions[version - 1].digest else { return nil }
        return stored.difference(from: try expected(version: version))
    }

    /// The schema of a new database of `version`.
    static func expected(version: Int) throws -> StoredSchema {
        let queue = try DatabaseQueue()
        try migrator.migrate(queue, upTo: versions[version - 1].name)
        return try queue.read(StoredSchema.init)
    }
}
