import AWSAuth
import BursarConsole
import BursarFiles
package import BursarFoundation
import BursarHTTP
import BursarModel
import Dispatch
package import PostgresStore
import SQLiteStore
package import Storage
import Synchronization
package import SystemPackage

/// The database that an option or the settings name, and the way into it: a file of SQLite, or a PostgreSQL server.
package struct DatabaseSettings: Sendable {
    package enum Place: Sendable {
        case file(path: String)
        case server(PostgresAddress, PostgresPassword)
    }

    package let place: Place
    /// The most connections to a server; nil is the engine's own number.
    private let connections: Int?

    /// The file's path, or the address without a secret.
    package var name: String {
        switch place {
        case .file(let path): path
        case .server(let address, _): address.description
        }
    }

    /// The file's path; nil on a server.
    package var file: String? {
        if case .file(let path) = place { path } else { nil }
    }

    /// The user who logs in to a server, if that is one person: several may know the password of `bursar_admin`.
    package var personalLogin: String? {
        guard case .server(let address, _) = place, address.user != PostgresLogin.Kind.admin.role else { return nil }
        return address.user
    }

    /// Reads where the database is: `option` first, then the settings, then the default.
    ///
    /// `name` is the option in messages. The file of a server's password, if it is given, counts instead of what the
    /// settings say of passwords.
    ///
    /// - Throws: ``UserFacingError``, or ``StoreError`` when there is no default place.
    package init(
        option: String?,
        named name: String = "--database",
        passwordFile: FilePath? = nil,
        _ reader: SettingReader,
        environment: [String: String]
    ) throws {
        let configured = option == nil ? reader.text(.database) : nil
        guard let text = option ?? configured, PostgresAddress.isAddress(text) else {
            let path = try configured == nil ? option : reader.path(.database)?.string
            // A fault in a setting of PostgreSQL's doesn't keep an operator from a file.
            (place, connections) = (.file(path: try DatabaseLocation.path(option: path, environment: environment)), nil)
            return
        }
        let address = try Self.address(
            text,
            isOption: option != nil,
            named: option == nil ? reader.name(of: .database) : name
        )
        place = .server(address, try passwordFile.map { .file($0) } ?? Self.password(reader, environment))
        connections = try reader.value(.databaseConnections, expecting: "a number of connections, 1 to 64") { text in
            Int(text).flatMap { (1...64).contains($0) ? $0 : nil }
        }
    }

    /// Opens the database, which must exist.
    ///
    /// `report` receives a line when a server can't be reached any more, when it is back, and when the clocks differ.
    ///
    /// - Throws: ``StoreError``.
    package func open(
        for use: DatabaseUse,
        now: (@Sendable () -> Date)? = nil,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Store {
        switch place {
        case .file(let path):
            return Store(try SQLiteDatabase(opening: path, for: use))
        case .server(let address, let password):
            return Store(
                try PostgresDatabase(
                    opening: address,
                    password: password,
                    for: use,
                    connections: connections,
                    now: now,
                    report: report
                )
            )
        }
    }

    /// Makes a new database of what `fill` writes, all of it or nothing.
    ///
    /// There may be no file. On a server, the tables are made if there are none.
    ///
    /// - Throws: ``StoreError``, or what `fill` throws.
    package func make<Value>(
        _ interruption: CancellationFlag,
        _ fill: (any Transaction) throws -> Value
    ) throws -> Value {
        switch place {
        case .file(let path):
            return try SQLiteDatabase.make(at: FilePath(path), interruption, fill)
        case .server(let address, let password):
            do {
                return try open(for: .console).database.write(fill)
            } catch StoreError.missing {
                try PostgresDatabase.create(address, password: password)
                return try open(for: .console).database.write(fill)
            }
        }
    }

    /// True if both lead to one database, as far as their texts and files show.
    package func isSamePlace(as other: DatabaseSettings) -> Bool {
        switch (place, other.place) {
        case (.file(let path), .file(let other)): DatabaseFiles(of: path).contain(FilePath(other))
        case (.server(let address, _), .server(let other, _)): address.isSamePlace(as: other)
        default: false
        }
    }

    /// The servers that work on the database: each by its process on this machine, or by its host.
    package func servers(on database: any Storage.Database) throws -> [String] {
        guard case .file(let path) = place else { return try (database as? PostgresDatabase)?.servers() ?? [] }
        guard let server = try ServerPresence.server(on: path) else { return [] }
        return [server.processID.map { "process \($0)" } ?? "a process of another container"]
    }

    private static func address(
        _ text: String,
        isOption: Bool,
        named name: String
    ) throws(UserFacingError) -> PostgresAddress {
        do {
            return try PostgresAddress(parsing: text)
        } catch {
            // The text may hold a password.
            let problem = "\(name) is no address of a database: \(error)"
            throw isOption ? .misuse(problem, hint: error.hint) : UserFacingError(problem, hint: error.hint)
        }
    }

    private static func password(
        _ reader: SettingReader,
        _ environment: [String: String]
    ) throws(UserFacingError) -> PostgresPassword {
        let file = try reader.path(.databasePasswordFile)
        let isToken = try reader.value(.databaseAuth, or: false, expecting: "iam, or unset") {
            $0 == "iam" ? true : nil
        }
        guard !isToken || file == nil else {
            throw UserFacingError(
                "\(reader.name(of: .databaseAuth)) makes tokens, so \(reader.name(of: .databasePasswordFile)) has no use",
                hint: "unset one of them"
            )
        }
        guard isToken else { return file.map { .file($0) } ?? .none }
        let region = Settings.region(reader, environment)
        let clientContext = AWSClientContext(transport: HTTPTransport(), now: { Date() })
        let chain = RefreshingCredentials(
            CredentialChain(environment: environment, clientContext: clientContext),
            clientContext: clientContext
        )
        return .token { address in
            guard case .name(let host) = address.host, let region = RDSEndpoint.region(of: host) ?? region else {
                throw PostgresError.noPassword(
                    detail: "no token for the database without a region: set \(Setting.region.environmentName)"
                )
            }
            let credentials = try waiting { try await chain.credentials() }
            return try RDSAuthToken.provide(
                host: host,
                port: address.port,
                user: address.user,
                region: region,
                credentials: credentials,
                at: Date()
            )
        }
    }

    /// The longest time, in seconds, that a connection waits for AWS credentials.
    private static let longestWait = 10.0

    /// Waits for `work` on a thread that may: libpq's connections are made on threads of their own.
    private static func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        Task {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            done.signal()
        }
        guard done.wait(timeout: .now() + longestWait) == .success, let result = outcome.withLock({ $0 }) else {
            throw PostgresError.noPassword(detail: "no token for the database: AWS credentials took too long")
        }
        return try result.get()
    }
}

/// The names of RDS's endpoints: `NAME.ID.REGION.rds.amazonaws.com`.
enum RDSEndpoint {
    static func region(of host: String) -> String? {
        let labels = host.split(separator: ".")
        guard let service = labels.lastIndex(of: "rds"), service > 0, host.contains(".rds.amazonaws.") else {
            return nil
        }
        return String(labels[service - 1])
    }
}
