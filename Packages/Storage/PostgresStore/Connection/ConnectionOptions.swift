import BursarModel
import CPQ
import SystemPackage

/// Every option of libpq with the value that Bursar gives it, so that no environment variable and no file in a home
/// folder has a say: PGOPTIONS, PGHOST, `~/.pgpass`, `~/.postgresql/root.crl`.
///
/// `service` alone can't be given away; ``cpq_load()`` takes its variable out of the environment.
struct ConnectionOptions {
    /// A path at which there can be no file: with an empty one, libpq looks into the home folder.
    private static let noFile = "/dev/null/none"

    private var values: [String: String]

    /// `hostAddress` is the IP address to connect to, nil for a Unix socket; `password` is nil where the server asks for
    /// none.
    init(
        _ address: PostgresAddress,
        hostAddress: String?,
        password: Secret<String>?,
        limits: ConnectionLimits,
        name: String
    ) {
        values = Self.fixed
        values["user"] = address.user
        values["dbname"] = address.database
        values["port"] = String(address.port)
        values["host"] = address.host.text
        values["hostaddr"] = hostAddress ?? ""
        values["password"] = password?.reveal() ?? ""
        values["application_name"] = name
        values["tcp_user_timeout"] = String(limits.unacknowledged / .milliseconds(1), rounded: .up)
        switch address.encryption {
        case .none:
            values["sslmode"] = "disable"
        case .verified(let certificates):
            values["sslmode"] = "verify-full"
            values["sslrootcert"] = certificates.string
        }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    /// The options for libpq, of those that it has, in the form that keeps an empty value: PQconnectStartParams would
    /// take the environment's instead.
    func text(for keywords: [PostgresLibrary.Keyword]) -> Secret<String> {
        let names = Set(keywords.map(\.name))
        return Secret(
            values.filter { names.contains($0.key) }.sorted { $0.key < $1.key }
                .map { "\($0.key)='\(Self.escaped($0.value))'" }.joined(separator: " ")
        )
    }

    /// The names of all options that are given.
    static var names: Set<String> {
        Set(fixed.keys).union(["user", "dbname", "port", "host", "hostaddr", "password", "application_name"])
            .union(["tcp_user_timeout", "sslmode"])
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }

    private static let fixed = [
        "channel_binding": "prefer",
        "client_encoding": "UTF8",
        "connect_timeout": "0",
        "fallback_application_name": "",
        "gssdelegation": "0",
        "gssencmode": "disable",
        "gsslib": "",
        "keepalives": "1",
        "keepalives_count": "3",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "krbsrvname": "postgres",
        "load_balance_hosts": "disable",
        "max_protocol_version": "3.0",
        "min_protocol_version": "3.0",
        "options": "",
        "passfile": noFile,
        "replication": "",
        "require_auth": "",
        "requirepeer": "",
        "ssl_max_protocol_version": "",
        "ssl_min_protocol_version": "TLSv1.2",
        "sslcert": noFile,
        "sslcertmode": "disable",
        "sslcompression": "0",
        "sslcrl": noFile,
        "sslcrldir": "",
        "sslkey": noFile,
        "sslkeylogfile": "",
        "sslnegotiation": "postgres",
        "sslpassword": "",
        "sslrootcert": noFile,
        "sslsni": "1",
        "target_session_attrs": "any",
    ]
}

/// The limits of time of a connection.
package struct ConnectionLimits: Sendable {
    /// Until a connection is ready.
    package var connect: Duration
    /// Until a statement has its result, by Bursar's own clock; the connection is closed then.
    package var exchange: Duration
    /// Until data that was sent is acknowledged: after that a cut wire counts as cut.
    package var unacknowledged: Duration
    /// The server's `lock_timeout`.
    package var lock: Duration
    /// The server's `statement_timeout`.
    package var statement: Duration
    /// The server's `idle_in_transaction_session_timeout`: a frozen program that holds the writers' lock stops them all.
    package var idleInTransaction: Duration

    package init(
        connect: Duration,
        exchange: Duration,
        unacknowledged: Duration,
        lock: Duration,
        statement: Duration,
        idleInTransaction: Duration
    ) {
        self.connect = connect
        self.exchange = exchange
        self.unacknowledged = unacknowledged
        self.lock = lock
        self.statement = statement
        self.idleInTransaction = idleInTransaction
    }

    /// Those of a server, whose callers wait for their credentials.
    package static let server = ConnectionLimits(
        connect: .seconds(3),
        exchange: .seconds(5),
        unacknowledged: .milliseconds(1500),
        lock: .milliseconds(1500),
        statement: .seconds(5),
        idleInTransaction: .seconds(1)
    )

    /// Those of a command, which may read millions of records.
    package static let console = ConnectionLimits(
        connect: .seconds(10),
        exchange: .seconds(600),
        unacknowledged: .seconds(15),
        lock: .seconds(15),
        statement: .seconds(600),
        idleInTransaction: .seconds(30)
    )
}

extension String {
    /// A whole number of units.
    fileprivate init(_ units: Double, rounded rule: FloatingPointRoundingRule) {
        self.init(Int(units.rounded(rule)))
    }
}
