import BursarModel
import CPQ
package import Storage
package import SystemPackage

/// A login of a server or an operator: a role of PostgreSQL's that has the rights of `bursar_server` or `bursar_admin`,
/// or one of these two.
package struct PostgresLogin: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case server
        case admin

        /// The role that has the rights.
        package var role: String {
            switch self {
            case .server: PostgresRoles.server
            case .admin: PostgresRoles.admin
            }
        }

        /// The time for which a program may be frozen while it holds the writers' lock.
        var idleLimit: String {
            switch self {
            case .server: "1s"
            case .admin: "30s"
            }
        }
    }

    /// The proof that a login gives of itself.
    package enum Proof: Sendable {
        /// As it was; a new login has none, and gets in where pg_hba.conf asks for none.
        case unchanged
        /// The one line of a private file.
        case password(FilePath)
        /// A token of RDS.
        case iam
    }

    package let name: String
    package let kind: Kind
    /// True if it proves itself with a token of RDS.
    package let isIAM: Bool
    /// The number of connections that it has now, in all databases of the server.
    package let connections: Int

    /// Returns true for the names that a login can have: those that a record's actor can hold, and that need no quotes in
    /// an address.
    package static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
        return isPlain && text == text.lowercased() && (1...63).contains(text.utf8.count)
            && text.first?.isLetter == true && !text.hasPrefix("pg_")
    }
}

/// The reason why a login isn't made or removed.
package enum LoginError: Error, Equatable {
    /// A role of that name has other uses.
    case taken(String)
    /// It is a login of the other kind.
    case otherKind(String, PostgresLogin.Kind)
    /// There is no such login.
    case unknown(String)
    /// All logins of its kind have their rights from it.
    case shared(String)
    /// The server knows no tokens: it isn't RDS.
    case noTokens
}

extension PostgresDatabase {
    /// The role that RDS takes tokens from.
    private static let tokens = "rds_iam"

    /// Makes a login, or changes the proof that it gives of itself, and records it.
    ///
    /// A password is hashed here, by libpq; the server gets the hash alone, which its log may hold.
    ///
    /// - Returns: false if there was such a login.
    /// - Throws: ``LoginError``, ``StoreError``, or `FileError` for the password's file; nothing is changed then.
    package func setLogin(
        _ name: String,
        as kind: PostgresLogin.Kind,
        _ proof: PostgresLogin.Proof,
        by act: AuditContext
    ) throws -> Bool {
        var hash: String?
        if case .password(let path) = proof { hash = try scramHash(of: path, for: name) }
        return try write { db in
            let found = try PostgresLogin.find(name, db)
            if let found, found.kind != kind { throw LoginError.otherKind(name, found.kind) }
            let role = "\"\(name)\""
            if found == nil {
                try db.execute("CREATE ROLE \(role) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE IN ROLE \(kind.role)", [])
                // Settings aren't inherited.
                try db.execute(
                    "ALTER ROLE \(role) SET idle_in_transaction_session_timeout = '\(kind.idleLimit)'",
                    []
                )
            }
            switch proof {
            case .unchanged: break
            case .password:
                try db.execute("ALTER ROLE \(role) PASSWORD '\(hash ?? "")'", [])
                if found?.isIAM == true { try db.execute("REVOKE \(Self.tokens) FROM \(role)", []) }
            case .iam:
                guard try db.exists("SELECT 1 AS value FROM pg_roles WHERE rolname = ?", [Self.tokens]) else {
                    throw LoginError.noTokens
                }
                try db.execute("ALTER ROLE \(role) PASSWORD NULL", [])
                if found?.isIAM != true { try db.execute("GRANT \(Self.tokens) TO \(role)", []) }
            }
            let detail = "\(found == nil ? "added" : "changed") \(name) (\(kind.rawValue))"
            try act.record(.loginChanged, detail: detail, in: db)
            return found == nil
        }
    }

    /// Removes a login, and records it; its open connections can do nothing more.
    ///
    /// - Returns: the connections that it had.
    /// - Throws: ``LoginError``, ``StoreError``; nothing is changed then.
    package func removeLogin(_ name: String, by act: AuditContext) throws -> Int {
        try write { db in
            guard let found = try PostgresLogin.find(name, db) else { throw LoginError.unknown(name) }
            guard name != found.kind.role else { throw LoginError.shared(name) }
            try db.execute("DROP ROLE \"\(name)\"", [])
            try act.record(.loginChanged, detail: "removed \(name) (\(found.kind.rawValue))", in: db)
            return found.connections
        }
    }

    /// Returns the logins of servers and operators, operators' first, by name.
    package func logins() throws -> [PostgresLogin] {
        try read { db in try PostgresLogin.all(db) }
    }

    private func scramHash(of path: FilePath, for user: String) throws -> String {
        do {
            guard let password = try PostgresPassword.file(path).secret(for: address) else { return "" }
            return try withConnection { connection in try connection.scramHash(of: password, for: user) }
        } catch PostgresError.password(let error) {
            throw error
        } catch let error as PostgresError {
            throw StoreError(error, name: name)
        }
    }
}

extension PostgresLogin {
    private static let sql = """
        SELECT login.rolname::text AS name, login.rolcanlogin AS can_log_in,
            login.rolsuper OR login.rolcreaterole OR login.rolcreatedb OR login.rolreplication AS has_more,
            (
                SELECT coalesce(string_agg(granted.rolname::text, ' ' ORDER BY granted.rolname::text), '')
                FROM pg_auth_members JOIN pg_roles AS granted ON granted.oid = roleid WHERE member = login.oid
            ) AS roles,
            (SELECT count(*) FROM pg_stat_activity WHERE usesysid = login.oid) AS connections
        FROM pg_roles AS login
        """

    fileprivate static func all(_ db: any Transaction) throws -> [PostgresLogin] {
        try db.map(sql) { row in try PostgresLogin(row) }.compactMap(\.self)
            .sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
    }

    /// Returns a login; nil if there is no role of that name.
    ///
    /// - Throws: ``LoginError/taken(_:)`` if the role is no login of Bursar's.
    fileprivate static func find(_ name: String, _ db: any Transaction) throws -> PostgresLogin? {
        guard let found = try db.map(sql + " WHERE login.rolname = ?", [name], { row in try PostgresLogin(row) }).first
        else { return nil }
        guard let login = found else { throw LoginError.taken(name) }
        return login
    }

    /// Reads a row; nil for a role that is no login of Bursar's, or has other rights.
    private init?(_ row: ResultRow) throws {
        let (name, roles, canLogIn, hasMore): (String, String, Bool, Bool) = (
            try row["name"], try row["roles"], try row["can_log_in"], try row["has_more"]
        )
        let kinds = [Kind.server, .admin].filter { kind in
            name == kind.role || roles.split(separator: " ").contains(Substring(kind.role))
        }
        guard let kind = kinds.first, kinds.count == 1, canLogIn, !hasMore else { return nil }
        self.name = name
        self.kind = kind
        isIAM = roles.split(separator: " ").contains("rds_iam")
        connections = try row["connections"]
    }
}

extension PostgresConnection {
    /// The hash of a password as the server keeps it (RFC 5802, `SCRAM-SHA-256$…`), which libpq makes on this side.
    fileprivate func scramHash(of password: Secret<String>, for user: String) throws(PostgresError) -> String {
        guard let pointer,
            let text = library.pointee.PQencryptPasswordConn(pointer, password.reveal(), user, "scram-sha-256")
        else { throw .noPassword(detail: "the password can't be hashed: \(message)") }
        defer { library.pointee.PQfreemem(text) }
        return String(cString: text)
    }
}
