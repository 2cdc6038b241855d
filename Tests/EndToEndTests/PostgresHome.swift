import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport

/// A database on a PostgreSQL server, and the programs on it.
struct PostgresHome {
    let world: World
    let cluster: PostgresCluster
    let database: String
    /// The relay that programs reach the server through; nil for its own socket.
    private let endpoint: PostgresEndpoint?

    /// Makes a database on a server of its own.
    init(
        settings: [String: String] = [:],
        access: String? = nil,
        world: World? = nil,
        prepare: (_ data: String) async throws -> Void = { _ in }
    ) async throws {
        self.world = try world ?? World()
        cluster = try await PostgresCluster.start(settings: settings, access: access, prepare: prepare)
        database = try await cluster.makeDatabase()
        endpoint = nil
    }

    /// Makes a database on `cluster`, with ada in it.
    init(on cluster: PostgresCluster, through endpoint: PostgresEndpoint? = nil) async throws {
        world = try World()
        self.cluster = cluster
        database = try await cluster.makeDatabase()
        self.endpoint = endpoint
        try await onboardAda()
    }

    /// The address for the database's user `user`.
    func address(_ user: String) -> String {
        endpoint?.address(database: database, user: user) ?? cluster.address(database: database, user: user)
    }

    /// Runs `admin` as the database's user `user`.
    func admin(_ line: String, as user: String = "bursar_admin") async throws -> Program.Outcome {
        try await world.run(Checkout.program("admin"), words(line), ["BURSAR_DATABASE": address(user)])
    }

    /// Makes the database, with ada in it.
    func onboardAda() async throws {
        try await succeeded(admin("database init", as: PostgresCluster.superuser))
        try await succeeded(admin("researchers add ada --name Ada --email ada@example.edu --project engines"))
    }

    func issueKey(_ options: String = "") async throws -> ResearcherKey {
        try ResearcherKey(parsing: try await succeeded(admin("keys issue ada " + options)).output)
    }

    /// The settings of a server with simulated credentials.
    var settings: [String: String] { settings(as: "bursar_server") }

    func settings(as user: String) -> [String: String] {
        ["BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": address(user)]
    }

    /// The same, for a server that limits no rate.
    var unlimitedSettings: [String: String] {
        let limits = ["BURSAR_RATE": "100000", "BURSAR_BURST": "100000", "BURSAR_DAILY_LIMIT": "1000000"]
        return settings.merging(limits) { $1 }
    }

    /// Waits for credentials of a server.
    func waitForVend(at server: ChildServer, _ key: ResearcherKey) async throws {
        try await Waiting.until("a vend of \(server.url)") {
            try await world.get(server.url + "/credentials", key: key.text).status == 200
        }
    }
}

extension PostgresHome {
    /// A server that takes passwords, and those over TLS only.
    ///
    /// Its certificate is for `localhost`; the world's home has that of its authority, `authority.pem`, and another
    /// authority's, `other.pem`.
    static func withTLS() async throws -> PostgresHome {
        let world = try World()
        let folder = world.home
        let script = """
            set -e; cd "$0"
            for name in authority other; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$name" \\
                    -keyout $name.key -out $name.pem
            done
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=database -keyout server.key \\
                -out server.csr
            echo subjectAltName=DNS:localhost > names
            openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 1 \\
                -extfile names -out server.pem
            """
        try await succeeded(world.run("/bin/sh", ["-c", script, folder]))
        return try await PostgresHome(
            settings: ["ssl": "on"],
            access: "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256",
            world: world
        ) { data in
            for (name, target) in [("server.key", "server.key"), ("server.pem", "server.crt")] {
                let path = "\(data)/\(target)"
                try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: path)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                PostgresCluster.giveAway(path)
            }
        }
    }

    /// The path of an authority's certificate as an address has it.
    func certificate(_ authority: String = "authority") -> String {
        "\(world.home)/\(authority).pem".replacing(" ", with: "%20").replacing("ö", with: "%C3%B6")
    }
}
