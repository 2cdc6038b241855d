import Storage
import TestSupport
import Testing
import Vending

@testable import PostgresStore

struct UsedUpConnectionsTests {
    /// Takes all the connections that the server leaves to users without special rights.
    private static func takeAll(of database: TestDatabase) async throws -> [PostgresConnection] {
        try await blocking {
            var taken: [PostgresConnection] = []
            do {
                while true { taken.append(try database.connect(user: PostgresRoles.admin)) }
            } catch PostgresError.tooManyConnections {
                return taken
            }
        }
    }

    @Test func `while the server has no connection left vends fail for that reason, and go on once there is one`()
        async throws
    {
        let cluster = try await PostgresCluster.start(settings: ["fsync": "off", "max_connections": "12"])
        let world = try await PostgresWorld(on: cluster)
        let server = BusyServer(try await world.open(), try await world.vend(), named: "server")
        await server.vendOnce()
        let others = try await Self.takeAll(of: world.database)
        #expect(others.count > 2)
        // The connection that the server has is good still.
        await server.vendOnce()
        #expect(server.acknowledged.count == 2)
        try await world.database.sql(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '\(PostgresRoles.server)'
            """
        )
        let last = try await Self.takeAll(of: world.database)
        #expect(!last.isEmpty)
        await server.vendOnce()
        guard case .unavailable(let cause) = server.errors.last else {
            Issue.record("a vend was recorded without a connection")
            return
        }
        #expect(cause.contains("the server has no connection left"))
        for connection in others + last { connection.close() }
        try await Waiting.until("a vend") {
            await server.vendOnce()
            return server.acknowledged.count == 3
        }
    }
}
