import Storage
import TestSupport
import Testing
import Vending

@testable import PostgresStore

/// Four servers, each with connections and a recorder of its own, that vend at once, and an operator among them.
///
/// Without the writers' lock, or under REPEATABLE READ, each of these fails.
struct SharedRulesTests {
    private let world: PostgresWorld
    private let vend: Vend
    private let servers: [BusyServer]
    private let admin: Store

    private static let limit = 60

    init() async throws {
        world = try await PostgresWorld()
        vend = try await world.vend(dailyLimit: Self.limit)
        var servers: [BusyServer] = []
        for number in 1...4 {
            let store = try await world.open()
            servers.append(BusyServer(store, vend, named: "\(number)"))
        }
        self.servers = servers
        admin = try await world.open(as: PostgresRoles.admin)
    }

    /// The kinds of the records, in their order.
    private func kinds() async throws -> [Substring] {
        try await world.database.sql("SELECT kind FROM bursar.records ORDER BY sequence").split(separator: "\n")
    }

    @Test func `four servers at once record exactly as many vends as the day's quota has`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.vend(8, isPatient: true) } }
            // Each goes on for a while after the last vend.
            for server in servers {
                try await Waiting.until("refusals") {
                    server.errors.count { if case .quotaExhausted = $0 { true } else { false } } >= 20
                }
            }
            group.cancelAll()
        }
        #expect(servers.map(\.acknowledged.count).reduce(0, +) == Self.limit)
        #expect(try await kinds().count { $0 == "vend" } == Self.limit)
        #expect(try await world.database.sql("SELECT vends FROM bursar.usage_keys") == "\(Self.limit)")
        for server in servers {
            for error in server.errors {
                guard case .quotaExhausted(let use) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(use.count == Self.limit)
            }
        }
    }

    @Test func `no record of a vend follows that of its key's revocation, nor that of a pause`() async throws {
        let unlimited = vend.with(dailyLimit: 1_000_000)
        let servers = servers.map { BusyServer($0.recorder, unlimited, named: "busy") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.vend(8, isPatient: true) } }
            for server in servers { try await server.waitForVends(10) }
            #expect(try await blocking { try admin.administration.pause(by: PostgresWorld.act) })
            for server in servers {
                try await Waiting.until("the pause") { if case .paused = server.errors.last { true } else { false } }
            }
            #expect(try await blocking { try admin.administration.resume(by: PostgresWorld.act) })
            for server in servers { try await server.waitForVends(10) }
            let revoked = try await blocking {
                try admin.administration.revokeKey(unlimited.key.id, reason: "lost", by: PostgresWorld.act)
            }
            guard case .revoked = revoked else {
                Issue.record("\(revoked)")
                return
            }
            for server in servers {
                try await Waiting.until("the revocation") {
                    if case .keyChanged = server.errors.last { true } else { false }
                }
            }
            group.cancelAll()
        }
        let kinds = try await kinds()
        let paused = try #require(kinds.firstIndex(of: "vending_paused"))
        #expect(kinds[(paused + 1)...].first == "vending_resumed")
        #expect(kinds.last == "key_revoked")
        #expect(kinds.count { $0 == "vend" } == servers.map(\.acknowledged.count).reduce(0, +))
        #expect(try await blocking { try admin.upkeep.firstFlaw(.chain) } == nil)
    }
}
