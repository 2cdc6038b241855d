import Storage
import Synchronization
import TestSupport
import Testing
import Vending

@testable import PostgresStore

/// A primary with a standby, one address that leads to the primary, and servers that vend.
struct FailoverWorld {
    let primary: PostgresCluster
    let standby: PostgresCluster
    let endpoint: PostgresEndpoint
    let world: PostgresWorld
    let vend: Vend

    init(isSynchronous: Bool) async throws {
        primary = try await PostgresCluster.start(settings: ["fsync": "off"])
        world = try await PostgresWorld(on: primary)
        vend = try await world.vend(dailyLimit: 1_000_000)
        // Its copy of the settings has commits wait for no standby of its own.
        standby = try await primary.startStandby()
        endpoint = try PostgresEndpoint(leadingTo: primary)
        try await primary.waitForStandby(inCommits: isSynchronous)
    }

    /// Opens the database as a server does, by the address that leads to the primary.
    func open(
        as user: String = PostgresRoles.server,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Store {
        let text = endpoint.address(database: world.database.name, user: user)
        return try await blocking {
            Store(try PostgresDatabase(opening: try PostgresAddress(parsing: text), allowsUnsafe: true, report: report))
        }
    }

    /// Returns when the standby has everything that the primary has committed.
    func waitForCopy() async throws {
        let position = try await primary.sql("SELECT pg_current_wal_lsn()")
        try await Waiting.until("the standby to have \(position)") {
            try await standby.sql("SELECT pg_last_wal_replay_lsn() >= '\(position)'") == "t"
        }
    }

    /// Kills the primary, and leads the address to the standby in its place.
    func failOver() async throws {
        try await primary.kill()
        try await standby.promote()
        try endpoint.lead(to: standby)
    }

    /// The number of the recorded vends with these ids of requests.
    func recorded(_ requests: Set<String>, on cluster: PostgresCluster) async throws -> Int {
        let rows = "SELECT request_id FROM bursar.records WHERE kind = 'vend'"
        let found = try await cluster.sql(rows, database: world.database.name).split(separator: "\n").map(String.init)
        return requests.intersection(found).count
    }
}

struct FailoverTests {
    @Test func `a primary killed under load loses no acknowledged vend when its synchronous standby is promoted`()
        async throws
    {
        let world = try await FailoverWorld(isSynchronous: true)
        var servers: [BusyServer] = []
        for number in 1...3 { servers.append(BusyServer(try await world.open(), world.vend, named: "\(number)")) }
        try await withThrowingTaskGroup(of: Void.self) { [servers] group in
            for server in servers { group.addTask { await server.vend() } }
            for server in servers { try await server.waitForVends(20) }
            try await world.failOver()
            for server in servers { try await server.waitForVends(20) }
            group.cancelAll()
        }
        for server in servers {
            let acknowledged = server.acknowledged
            #expect(try await world.recorded(acknowledged, on: world.standby) == acknowledged.count)
        }
        let admin = try await world.open(as: PostgresRoles.admin)
        #expect(try await blocking { try admin.upkeep.firstFlaw(.chain) } == nil)
    }

    @Test func `where an asynchronous standby lacks acknowledged vends, every server stops until it is restarted`()
        async throws
    {
        let world = try await FailoverWorld(isSynchronous: false)
        var servers: [BusyServer] = []
        for number in 1...3 { servers.append(BusyServer(try await world.open(), world.vend, named: "\(number)")) }
        for server in servers { await server.vendOnce() }
        try await world.waitForCopy()
        try await world.standby.kill()
        for server in servers { await server.vendOnce() }
        #expect(servers.map(\.acknowledged.count) == [2, 2, 2])
        let head = try await world.primary.sql(
            "SELECT sequence || ' ' || encode(hash, 'hex') FROM bursar.records ORDER BY sequence DESC LIMIT 1",
            database: world.world.database.name
        )
        try await world.primary.kill()
        try await world.standby.startAgain()
        try await world.standby.promote()
        try world.endpoint.lead(to: world.standby)
        let last = try await world.standby.sql(
            "SELECT sequence || ' ' || encode(hash, 'hex') FROM bursar.records ORDER BY sequence DESC LIMIT 1",
            database: world.world.database.name
        )
        for server in servers {
            try await Waiting.until("the loss to be noticed") {
                await server.vendOnce()
                try #require(server.acknowledged.count == 2)
                guard case .unavailable(let cause) = server.errors.last else { return false }
                return cause.contains("has lost the record") && cause.contains(last)
            }
        }
        // The last server's last record is the newest one that is lost.
        guard case .unavailable(let cause) = servers[2].errors.last else { return }
        #expect(cause.contains(head))
        // A server that starts now goes on with what is there.
        let started = BusyServer(try await world.open(), world.vend, named: "started")
        await started.vendOnce()
        #expect(started.acknowledged.count == 1)
        await servers[0].vendOnce()
        #expect(servers[0].acknowledged.count == 2)
    }

    @Test func `a former primary that comes back under the same address is refused, and left without a restart`()
        async throws
    {
        let world = try await FailoverWorld(isSynchronous: true)
        let lines = Mutex<[String]>([])
        let server = BusyServer(
            try await world.open { line in lines.withLock { $0.append(line) } },
            world.vend,
            named: "one"
        )
        await server.vendOnce()
        try await world.failOver()
        try await Waiting.until("a vend on the new primary") {
            await server.vendOnce()
            return server.acknowledged.count == 2
        }
        try await world.primary.startAgain()
        // Nothing waits for the standby that left it: its commits would succeed.
        try await world.primary.sql("ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()")
        try world.endpoint.lead(to: world.primary)
        let ending = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'bursar'"
        try await world.standby.sql(ending)
        let refusal = "the server is a former primary, on timeline 1: a standby was promoted to timeline 2"
        try await Waiting.until("the former primary to be refused") {
            await server.vendOnce()
            try #require(server.acknowledged.count == 2)
            guard case .unavailable(let cause) = server.errors.last else { return false }
            return cause.contains(refusal)
        }
        #expect(lines.withLock { $0.filter { $0.hasSuffix(refusal) }.count } == 1)
        try world.endpoint.lead(to: world.standby)
        try await Waiting.until("a vend on the primary") {
            await server.vendOnce()
            return server.acknowledged.count == 3
        }
        let acknowledged = server.acknowledged
        #expect(try await world.recorded(acknowledged, on: world.standby) == 3)
    }

    @Test func `a connection that a pooler leads to a former primary writes nothing there`() async throws {
        let world = try await FailoverWorld(isSynchronous: false)
        let text = world.primary.address(database: world.world.database.name, user: PostgresRoles.server)
        let former = try await blocking {
            try PostgresConnection(to: try PostgresAddress(parsing: text), limits: .testing, allowsUnsafe: true)
        }
        let continuity = Continuity()
        try await blocking { try continuity.check(former) }
        try await world.waitForCopy()
        try await world.standby.promote()
        try world.endpoint.lead(to: world.standby)
        let next = world.endpoint.address(database: world.world.database.name, user: PostgresRoles.server)
        let error = await failure {
            let promoted = try PostgresConnection(
                to: try PostgresAddress(parsing: next),
                limits: .testing,
                allowsUnsafe: true
            )
            try continuity.check(promoted)
            let check = try continuity.begin(on: former)
            try continuity.finish(check, try former.run([check.query])[0].rows, on: former)
        }
        #expect(error == .unsuitable(.formerPrimary(timeline: .first, known: Timeline(2))))
        #expect(error?.remedy == .retryOnce)
        #expect(await failure { try continuity.checkIsSound() } == nil)
    }
}
