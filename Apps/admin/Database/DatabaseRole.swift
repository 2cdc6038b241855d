import ArgumentParser
import BursarConsole
import PostgresStore
import Reports
import ServerSettings
import Storage
import SystemPackage

struct DatabaseRole: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Make, list and remove the logins of operators and servers on PostgreSQL.",
        discussion: """
            Give each operator a login of their own: its name is on record with every
            change that they make, and the database refuses another name. --server vends,
            and can change no key. Run it again to change the password; bursar_admin and
            bursar_server are logins too, which all who know their password share.

            The password is hashed here (SCRAM-SHA-256), and the database gets the hash
            alone. Without --password-file and --iam a login keeps what it has, and a new
            one gets in only where pg_hba.conf asks for no password.

            Run it as the user who ran `admin database init`.

            Examples:
              admin database role ada --admin --password-file ada.password
              admin database role server1 --server --iam
              admin database role --list
              admin database role ada --remove
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The login's name: lower-case letters, digits, and _ . - inside.")
    var name: String?
    @Flag(help: "An operator's login.")
    var admin = false
    @Flag(help: "A server's login.")
    var server = false
    @Option(
        help: ArgumentHelp("A file of mode 0600 that holds the password and nothing else.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var passwordFile: String?
    @Flag(help: "The login proves itself with a token of RDS.")
    var iam = false
    @Flag(help: "List the logins.")
    var list = false
    @Flag(help: "Remove the login.")
    var remove = false
    @Flag(help: "Don't ask.")
    var yes = false
    @Option(help: "How logins are listed: table, json or csv.")
    var format = ListFormat.table

    func validate() throws {
        guard [admin, server, list, remove].count(where: { $0 }) == 1 else {
            throw ValidationError("say one of --admin, --server, --list and --remove")
        }
        guard list == (name == nil) else {
            throw ValidationError(list ? "--list lists all logins" : "name the login")
        }
        guard passwordFile == nil || !iam else { throw ValidationError("--password-file or --iam, not both") }
        guard admin || server || (passwordFile == nil && !iam) else {
            throw ValidationError("a password goes with --admin or --server")
        }
        guard name.map(PostgresLogin.isName) != false else {
            throw ValidationError("a login's name has lower-case letters, digits, and _ . - inside, at most 63")
        }
    }

    func run() throws {
        try shared.run { context in
            guard case .server(let address, let password) = context.database.place else {
                throw UserFacingError(
                    "\(context.databasePath) is a file, which has no logins",
                    hint: "who may write the file is an operator: its permissions decide"
                )
            }
            let database = try PostgresDatabase(opening: address, password: password, for: .console)
            do {
                guard let name else { return try printLogins(of: database, context) }
                if remove { return try remove(name, from: database, context) }
                try set(name, in: database, context)
            } catch StoreError.denied(let path, let cause) {
                throw UserFacingError(
                    "\(path) refuses it: \(cause)",
                    hint: "run it as the user who ran `admin database init`, or another who may make roles"
                )
            }
        }
    }

    private func set(_ name: String, in database: PostgresDatabase, _ context: AdminContext) throws {
        let kind: PostgresLogin.Kind = admin ? .admin : .server
        let proof = passwordFile.map { PostgresLogin.Proof.password(FilePath($0)) } ?? (iam ? .iam : .unchanged)
        let isNew = try database.setLogin(name, as: kind, proof, by: context.act)
        let whose = admin ? "an operator's login" : "a server's login"
        context.terminal.note(isNew ? "made \(name), \(whose)" : "changed \(name), \(whose)")
        if case .unchanged = proof, isNew {
            context.terminal.note("it has no password, so it gets in only where pg_hba.conf asks for none")
        }
    }

    private func remove(_ name: String, from database: PostgresDatabase, _ context: AdminContext) throws {
        try Confirmation(isGiven: yes).ask("remove the login \(name)?")
        let connections = try database.removeLogin(name, by: context.act)
        context.terminal.note("removed \(name)")
        guard connections > 0 else { return }
        let open = connections == 1 ? "1 connection" : "\(connections) connections"
        context.terminal.note("it had \(open), which can do nothing more")
    }

    private func printLogins(of database: PostgresDatabase, _ context: AdminContext) throws {
        let rows = try database.logins().map(Row.init)
        try RowOutput(rows: rows, whenEmpty: "there is no login").print(as: format, on: context.terminal)
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("name"), .init("role"), .init("proof"), .init("connections", .right),
        ]

        let name: String
        let role: String
        let proof: String
        let connections: Int

        init(_ login: PostgresLogin) {
            name = login.name
            role = login.kind.rawValue
            // Only a superuser can see if a role has a password.
            proof = login.isIAM ? "iam" : "password"
            connections = login.connections
        }

        var cells: [String] { [name, role, proof, "\(connections)"] }
    }
}

extension UserFacingError {
    init(_ error: LoginError) {
        switch error {
        case .taken(let name):
            self.init("there is a role \(name) already, which is no login of Bursar's", hint: "take another name")
        case .otherKind(let name, .server):
            self.init(
                "\(name) is a server's login",
                hint: "take another name, or first: admin database role \(name) --remove"
            )
        case .otherKind(let name, .admin):
            self.init(
                "\(name) is an operator's login",
                hint: "take another name, or first: admin database role \(name) --remove"
            )
        case .unknown(let name):
            self.init("there is no login \(name)", hint: "admin database role --list")
        case .shared(let name):
            self.init(
                "all logins of its kind have their rights from \(name)",
                hint: "change its password instead: admin database role \(name) … --password-file FILE"
            )
        case .noTokens:
            self.init(
                "the server has no role rds_iam, so it takes no tokens",
                hint: "--password-file FILE, or turn IAM authentication on in RDS"
            )
        }
    }
}
