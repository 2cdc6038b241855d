package import BursarFiles

/// The reason why a PostgreSQL database can't be used, or why a statement failed.
///
/// The texts are libpq's or the server's own first line, for the log; they hold no argument and no password.
package enum PostgresError: Error, Equatable, Sendable {
    /// libpq is missing or too old.
    case libraryMissing(detail: String)
    /// The password's file can't be used.
    case password(FileError)
    /// The password can't be made.
    case noPassword(detail: String)
    /// No connection can be made: the name is unknown, or nothing answers.
    case unreachable(detail: String)
    /// TLS failed: the certificate, the name in it, or a server without TLS.
    case untrusted(detail: String)
    /// The server refuses this user or this password (SQLSTATE class 28).
    case authentication(detail: String)
    /// The server has no database of that name (3D000).
    case missingDatabase(detail: String)
    /// The server isn't one that Bursar can keep its database on.
    case unsuitable(Unsuitability)
    /// All the connections that the server allows are taken (53300).
    case tooManyConnections
    /// All the pool's connections were in use for as long as the caller could wait.
    case busy
    /// The connection ended, or the limit of time passed, before COMMIT was sent: nothing was changed.
    case lost(detail: String)
    /// The server takes no writes any more (25006): another one is the primary.
    case readOnly
    /// The server's disk is full (53100).
    case full
    /// Another transaction held a lock for too long (55P03).
    case locked
    /// The server ended the statement, for its limit of time or for an operator (57014).
    case canceled(detail: String)
    /// Two transactions were in each other's way (40001, 40P01).
    case conflict(state: String)
    /// The role lacks a right (42501, 42P01); `detail` names the object.
    case notPermitted(detail: String)
    /// A statement changed fewer or more rows than it must; `detail` says which.
    case skipped(detail: String)
    /// COMMIT was sent, and its outcome is unknown or not durable on every server that it should be on.
    case unsure(detail: String)
    /// The last record that this program had committed isn't there, or is another one: the database behind the address is
    /// not the one that it was, or has lost what it had acknowledged.
    case discontinued(known: String, found: String)
    /// Any other error of the server.
    case failed(state: String, detail: String)
    /// A result has a column of a type that isn't read: an error in the statement.
    case unreadable(column: String, type: UInt32)

    /// The feature of a server that rules it out.
    package enum Unsuitability: Equatable, Sendable {
        /// It speaks PostgreSQL's protocol and is another engine.
        case otherEngine(String)
        /// It is older than PostgreSQL 13.
        case tooOld(version: String)
        /// It is a standby, which takes no writes.
        case standby
        /// It runs with `fsync = off`: a commit wouldn't survive a power cut.
        case withoutSync
        /// It was the primary until a standby was promoted whose later timeline this program has used.
        case formerPrimary(timeline: Timeline, known: Timeline)
    }

    /// The next step after an error in a transaction.
    package enum Remedy: Equatable, Sendable {
        /// Nothing was changed: it may be tried once more on a new connection.
        case retryOnce
        /// It may have been committed.
        case unsure
        /// It was not committed, and trying again has no use.
        case none
    }

    package var remedy: Remedy {
        switch self {
        case .lost, .readOnly, .conflict, .unsuitable(.formerPrimary): .retryOnce
        case .unsure: .unsure
        default: .none
        }
    }

    /// True if the connection can't be used for another transaction, and others to the same server are in doubt.
    var endsConnection: Bool {
        switch self {
        case .lost, .readOnly, .unsure, .discontinued, .unsuitable: true
        default: false
        }
    }
}

extension PostgresError {
    /// Maps the server's SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    init(state: String, detail: String) {
        switch state {
        case "25006": self = .readOnly
        case "40001", "40P01": self = .conflict(state: state)
        case "42501": self = .notPermitted(detail: detail)
        // To a user without a right to the schema, its tables aren't there.
        case "42P01": self = .notPermitted(detail: "\(detail), or this user has no right to the schema bursar")
        case "53100": self = .full
        case "53300": self = .tooManyConnections
        case "55P03": self = .locked
        case "3D000": self = .missingDatabase(detail: detail)
        // The server shuts down or starts up, ends this session, or ended it after a limit of idle time.
        case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03": self = .lost(detail: detail)
        case "57014": self = .canceled(detail: detail)
        default:
            switch state.prefix(2) {
            case "08": self = .lost(detail: detail)
            case "28": self = .authentication(detail: detail)
            default: self = .failed(state: state, detail: detail)
            }
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .libraryMissing(let detail), .noPassword(let detail), .unreachable(let detail), .untrusted(let detail),
            .authentication(let detail), .missingDatabase(let detail), .lost(let detail), .canceled(let detail),
            .notPermitted(let detail), .skipped(let detail), .unsure(let detail):
            detail
        case .password(let error): error.description
        case .unsuitable(let unsuitability): unsuitability.description
        case .tooManyConnections: "the server has no connection left"
        case .busy: "all connections are in use"
        case .readOnly: "the server takes no writes: another one is the primary"
        case .full: "the server's disk is full"
        case .locked: "another transaction holds the lock"
        case .conflict(let state): "two transactions were in each other's way (\(state))"
        case .discontinued(let known, let found):
            "the record \(known), which was committed, is not there; the last one is \(found)"
        case .failed(let state, let detail): "\(detail) (\(state))"
        case .unreadable(let column, let type): "column \(column) has type \(type), which is not read"
        }
    }
}

extension PostgresError.Unsuitability: CustomStringConvertible {
    package var description: String {
        switch self {
        case .otherEngine(let name): "the server is \(name), not PostgreSQL: its locks and triggers differ"
        case .tooOld(let version): "the server is PostgreSQL \(version); 13 or newer is needed"
        case .standby: "the server is a standby, which takes no writes"
        case .withoutSync: "the server runs with fsync = off: a power cut would lose records"
        case .formerPrimary(let timeline, let known):
            "the server is a former primary, on timeline \(timeline): a standby was promoted to timeline \(known)"
        }
    }
}

extension PostgresError {
    /// The next step, where it is another than to look at the address and the server.
    var hint: String? {
        switch self {
        case .libraryMissing:
            "install libpq5 (Debian, Ubuntu, SUSE), libpq (Fedora, Alpine, Homebrew) or postgresql-libs (Arch)"
        case .password(let error): error.hint
        case .noPassword:
            "the password is the one line of BURSAR_DATABASE_PASSWORD_FILE; a token needs AWS credentials and a region"
        case .untrusted:
            "the host must be a name in the server's certificate, and sslrootcert the authority that signed it"
        case .authentication:
            "check the user, BURSAR_DATABASE_PASSWORD_FILE and pg_hba.conf; admin database role sets a password"
        case .missingDatabase: "make it there (CREATE DATABASE), then `admin database init`"
        case .unsuitable(.standby), .unsuitable(.formerPrimary), .readOnly:
            "name the primary: the cluster's writer endpoint (RDS, Aurora), the leader's (Patroni)"
        case .unsuitable(.withoutSync): "set fsync = on in its postgresql.conf"
        case .unsuitable: "PostgreSQL 13 or newer: your own, RDS or Aurora PostgreSQL"
        case .tooManyConnections: "raise max_connections there, or lower BURSAR_DATABASE_CONNECTIONS"
        default: nil
        }
    }
}
