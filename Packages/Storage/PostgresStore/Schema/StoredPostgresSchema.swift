import BursarFoundation
import Crypto
import Storage

/// The objects of the schema `bursar`, as PostgreSQL's catalog has them, with owners and rights.
///
/// Triggers and constraints enforce the invariants: an attacker who adds, drops or disables one could hide vends, lift a
/// quota or keep a revoked key alive, without another write.
struct StoredPostgresSchema {
    /// The definitions by the objects' names.
    private var objects: [String: String] = [:]

    init(_ connection: PostgresConnection) throws {
        // An operator in Bursar's schema would be found before the catalog's own.
        let paths = ["pg_catalog, pg_temp", PostgresConnection.searchPath].map { path in
            PostgresStatement("SELECT pg_catalog.set_config('search_path', ?, true)", [SQLValue.text(path)])
        }
        let queries = Self.queries.map { PostgresStatement($0) }
        for result in try connection.run([paths[0]] + queries + [paths[1]]).dropFirst().dropLast() {
            for row in result.rows {
                guard case .text(let name) = row.value(0), case .text(let definition) = row.value(1) else { continue }
                objects[name] = definition
            }
        }
    }

    /// SHA-256 over all objects, as hexadecimal digits.
    var digest: String {
        var hash = SHA256()
        for (name, definition) in objects.sorted(by: { $0.key < $1.key }) {
            for field in [name, definition] { hash.update(data: Data("\(field.utf8.count):\(field)".utf8)) }
        }
        return hash.finalize().hexadecimal
    }

    /// A line for each object: eight digits of its definition's digest, and its name.
    var summary: String {
        objects.sorted { $0.key < $1.key }.map { name, definition in
            SHA256.hash(data: Data(definition.utf8)).prefix(4).hexadecimal + " " + name
        }.joined(separator: "\n")
    }

    /// Describes the difference from this version's schema, with at most three objects by name; nil if there is none.
    var difference: String? {
        guard digest != Self.expectedDigest else { return nil }
        let (here, there) = (Self.digests(summary), Self.digests(Self.expectedSummary))
        let differences = Set(here.keys).union(there.keys).sorted().compactMap { name -> String? in
            guard here[name] != there[name] else { return nil }
            if here[name] == nil { return "\(name) is missing" }
            return there[name] == nil ? "\(name) was added" : "\(name) was altered"
        }
        return differences.prefix(3).joined(separator: ", ") + (differences.count > 3 ? ", …" : "")
    }

    private static func digests(_ summary: String) -> [Substring: Substring] {
        let pairs = summary.split(separator: "\n").map { line in (line.dropFirst(9), line.prefix(8)) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Queries for names and definitions; those of Bursar's types and functions are written with their schema.
    private static let queries = [
        // The schema itself: who owns it, and who may do what in it.
        """
        SELECT 'schema ' || nspname::text, pg_get_userbyid(nspowner)::text || ' ' || \(rights("nspacl", "nspowner"))
        FROM pg_namespace WHERE nspname = 'bursar'
        """,
        // Tables and all else that has columns, but indexes; row security would hide rows.
        """
        SELECT 'table ' || relname::text, concat_ws(' ', relkind, relpersistence, pg_get_userbyid(relowner),
            relrowsecurity, relforcerowsecurity, relhasrules, relispartition, reloptions::text, \(rights("relacl", "relowner")))
        FROM pg_class WHERE relnamespace = 'bursar'::regnamespace AND relkind NOT IN ('i', 'I')
        """,
        """
        SELECT 'column ' || relname::text || '.' || attname::text, concat_ws(' ', attnum,
            format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity, collname,
            pg_get_expr(adbin, adrelid), \(rights("attacl", "relowner")))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            LEFT JOIN pg_collation ON pg_collation.oid = attcollation
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'bursar'::regnamespace AND relkind NOT IN ('i', 'I') AND attnum > 0 AND NOT attisdropped
        """,
        // From PostgreSQL 18 on, NOT NULL is a constraint too; the columns have it.
        """
        SELECT 'constraint ' || conname::text || ' of ' || coalesce(relname::text, ''),
            pg_get_constraintdef(pg_constraint.oid) || ' ' || convalidated::text
        FROM pg_constraint LEFT JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'bursar'::regnamespace AND contype <> 'n'
        """,
        """
        SELECT 'index ' || relname::text, pg_get_indexdef(indexrelid) || ' ' || indisvalid::text
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'bursar'::regnamespace
        """,
        // Those of references have names with numbers in them, so they are named for their reference.
        """
        SELECT 'trigger ' || coalesce(conname || ' ' || proname || ' ' || tgtype, tgname)::text || ' of ' || relname::text,
            concat_ws(' ', proname, pronamespace::regnamespace, tgtype, tgenabled, tgisinternal, tgattr::text,
                encode(tgargs, 'escape'), pg_get_expr(tgqual, tgrelid), tgoldtable, tgnewtable)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
            LEFT JOIN pg_constraint ON pg_constraint.oid = tgconstraint
        WHERE relnamespace = 'bursar'::regnamespace
        """,
        """
        SELECT 'function ' || pg_proc.oid::regprocedure::text, concat_ws(' ', lanname, pg_get_userbyid(proowner),
            prosecdef, provolatile, proleakproof, proconfig::text, pg_get_function_result(pg_proc.oid),
            \(rights("proacl", "proowner")), prosrc)
        FROM pg_proc JOIN pg_language ON pg_language.oid = prolang WHERE pronamespace = 'bursar'::regnamespace
        """,
        """
        SELECT 'rule ' || rulename::text || ' of ' || relname::text, pg_get_ruledef(pg_rewrite.oid)
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class WHERE relnamespace = 'bursar'::regnamespace
        """,
        """
        SELECT 'policy ' || polname::text || ' of ' || relname::text, polcmd::text
        FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid WHERE relnamespace = 'bursar'::regnamespace
        """,
        // Bursar makes none of these.
        """
        SELECT 'operator ' || pg_operator.oid::regoperator::text, '' FROM pg_operator
        WHERE oprnamespace = 'bursar'::regnamespace
        UNION ALL SELECT 'type ' || typname::text, typtype::text FROM pg_type
        WHERE typnamespace = 'bursar'::regnamespace AND typrelid = 0 AND typelem = 0
        UNION ALL SELECT 'collation ' || collname::text, '' FROM pg_collation
        WHERE collnamespace = 'bursar'::regnamespace
        UNION ALL SELECT 'conversion ' || conname::text, '' FROM pg_conversion
        WHERE connamespace = 'bursar'::regnamespace
        UNION ALL SELECT 'operator class ' || opcname::text, '' FROM pg_opclass
        WHERE opcnamespace = 'bursar'::regnamespace
        """,
    ]

    /// The rights in a column of such, in an order of their own, without those of the owner, which grow with versions.
    private static func rights(_ column: String, _ owner: String) -> String {
        """
        coalesce((SELECT string_agg(concat_ws(' ', coalesce(pg_get_userbyid(nullif(grantee, 0)), 'PUBLIC'),
            privilege_type, is_grantable), ',' ORDER BY grantee = 0, pg_get_userbyid(nullif(grantee, 0)), privilege_type)
            FROM aclexplode(\(column)) WHERE grantee <> \(owner)),
            CASE WHEN \(column) IS NULL THEN 'default' ELSE 'none' END)
        """
    }
}

extension Sequence<UInt8> {
    var hexadecimal: String {
        map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }
}
