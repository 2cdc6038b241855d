import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// A database on a PostgreSQL server, ada with her keys in it, and the programs that use it.
struct PostgresDeployment {
    let world: World
    let database: String
    /// The database's address for one of its users.
    let address: @Sendable (_ user: String) -> String

    /// Makes the tables on `cluster`; programs reach it through `endpoint`, if there is one.
    init(on cluster: PostgresCluster, through endpoint: PostgresEndpoint? = nil) async throws {
        let (world, database) = (try World(), try await cluster.makeDatabase())
        (self.world, self.database) = (world, database)
        address = { user in
            endpoint?.address(database: database, user: user) ?? cluster.address(database: database, user: user)
        }
        try await succeeded(admin("database init", as: PostgresCluster.superuser))
        try await succeeded(admin("researchers add ada --name Ada --email ada@example.edu --project engines"))
    }

    /// Runs `admin` as a user of the database.
    func admin(_ line: String, as user: String = "bursar_admin") async throws -> Program.Outcome {
        try await world.run(Checkout.program("admin"), words(line), ["BURSAR_DATABASE": address(user)])
    }

    func issueKey(_ options: String = "") async throws -> ResearcherKey {
        try ResearcherKey(parsing: try await succeeded(admin("keys issue ada " + options)).output)
    }

    /// The settings of a server with the simulated issuer, which limits no rate.
    var settings: [String: String] {
        [
            "BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": address("bursar_server"), "BURSAR_RATE": "100000",
            "BURSAR_BURST": "100000", "BURSAR_DAILY_LIMIT": "1000000",
        ]
    }

    /// Waits for credentials of a server.
    func waitForVend(at server: ChildServer, _ key: ResearcherKey) async throws {
        try await Waiting.until("a vend of \(server.url)") {
            try await world.get(server.url + "/credentials", key: key.text).status == 200
        }
    }
}
