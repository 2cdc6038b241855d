import BursarFoundation
import Crypto
import GRDB

/// The tables, indexes, triggers and views of a database, as SQLite keeps them.
///
/// Triggers and constraints hold what must always hold, so whoever adds, drops or alters one could hide vends, lift a
/// quota or keep a revoked key alive, without another write.
struct StoredSchema {
    private struct Object: Comparable, CustomStringConvertible {
        let type: String
        let name: String
        let table: String
        /// nil for an index that SQLite makes for a constraint.
        let sql: String?

        var description: String { "\(type) \(name)" }

        static func < (one: Object, other: Object) -> Bool {
            (one.type, one.name, one.table, one.sql ?? "") < (other.type, other.name, other.table, other.sql ?? "")
        }
    }

    /// Tables that SQLite makes by itself, for ANALYZE and AUTOINCREMENT.
    private static let ownTables: Set<String> = [
        "CREATE TABLE sqlite_stat1(tbl,idx,stat)", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
        "CREATE TABLE sqlite_sequence(name,seq)",
    ]

    private let objects: [Object]

    init(_ db: Database) throws {
        let sql = "SELECT type, name, tbl_name, sql FROM sqlite_master"
        objects = try Row.fetchAll(db.cachedStatement(sql: sql)).compactMap { row in
            let sql: String? = row[3]
            if let sql, row[0] == "table", Self.ownTables.contains(sql) { return nil }
            return Object(type: row[0], name: row[1], table: row[2], sql: sql.map(Self.normalized))
        }.sorted()
    }

    /// SHA-256 over all of it, as hexadecimal digits.
    var digest: String {
        var hash = SHA256()
        for object in objects {
            for field in [object.type, object.name, object.table, object.sql] {
                hash.update(data: Data("\(field?.utf8.count ?? -1):\(field ?? "")".utf8))
            }
        }
        return hash.finalize().map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    /// What differs from `expected`, at most three objects by name; nil when nothing does.
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

    /// With one blank for each run of white space outside quotes: a copy made with another tool may be laid out
    /// otherwise.
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
    /// Makes sure that the schema is that of a version of Bursar, and nothing else.
    ///
    /// - Throws: ``StoreError/altered(path:change:)`` with what differs.
    static func check(_ db: Database, version: Int = versions.count, path: String) throws {
        guard versions.indices.contains(version - 1) else { throw StoreError.notOurs(path: path) }
        if let change = try difference(db, version: version) { throw StoreError.altered(path: path, change: change) }
    }

    /// The same for a database that may be of an older version, by the migrations that it says it had.
    static func checkOfItsVersion(_ db: Database, path: String) throws {
        try check(db, version: try migrator.appliedIdentifiers(db).count, path: path)
    }

    /// What differs from the schema of this version; nil when nothing does.
    static func difference(_ db: Database) throws -> String? {
        try difference(db, version: versions.count)
    }

    private static func difference(_ db: Database, version: Int) throws -> String? {
        let stored = try StoredSchema(db)
        guard stored.digest != versions[version - 1].digest else { return nil }
        return stored.difference(from: try expected(version: version))
    }

    /// What a new database of that version has.
    static func expected(version: Int) throws -> StoredSchema {
        let queue = try DatabaseQueue()
        try migrator.migrate(queue, upTo: versions[version - 1].name)
        return try queue.read(StoredSchema.init)
    }
}
