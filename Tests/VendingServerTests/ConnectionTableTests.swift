import BursarModel
import Synchronization
import Testing

@testable import vending_server

/// The places of connections, and the choice of those that make room.
@Suite struct ConnectionTableTests {
    /// The closed connections and the reported events.
    private final class Seen: Sendable {
        let closed = Mutex<[String]>([])
        let events = Mutex<[ConnectionTable.Event]>([])
    }

    private let seen = Seen()

    private func table(_ limit: Int, proxies: String? = nil) throws -> ConnectionTable {
        let proxies = try proxies.map { try AddressList(parsing: $0) }
        return ConnectionTable(limit: limit, proxies: proxies) { [seen] event, _ in
            seen.events.withLock { $0.append(event) }
        }
    }

    @discardableResult
    private func open(_ name: String, _ address: String, _ table: ConnectionTable) throws -> ConnectionTable.Place {
        try table.admit(from: IPAddress(address)) { [seen] in seen.closed.withLock { $0.append(name) } }
    }

    private var closed: [String] { seen.closed.withLock { $0 } }

    @Test(arguments: [
        // An address, however many places there are: a tenth, at least 64.
        (1000, "192.0.2.1", 100), (1000, "2001:db8::%", 100), (300, "192.0.2.1", 64), (4000, "::ffff:192.0.2.1", 400),
        // A /48 from as many /64s: three times that.
        (1000, "2001:db8:0:%::1", 300), (300, "2001:db8:0:%::1", 192),
    ])
    func `a clientNetwork that is busy has its share, and no more`(_ limit: Int, _ form: String, _ share: Int) throws {
        let table = try table(limit)
        for number in 0..<share {
            try open("\(number)", form.replacing("%", with: String(number, radix: 16)), table).isAsking()
        }
        #expect(throws: ConnectionTable.Shortage.share) {
            try open("late", form.replacing("%", with: String(share, radix: 16)), table)
        }
        #expect(table.held == share)
        #expect(closed.isEmpty)
        // Other networks are not affected.
        try open("other", "198.51.100.1", table)
        try open("other", "2001:db8:1::1", table)
        #expect(seen.events.withLock { $0 } == [.refused(.share)])
    }

    @Test func `past its share a clientNetwork loses the connection that it has let idle longest`() throws {
        let table = try table(640)
        let places = try (0..<64).map { try open("\($0)", "192.0.2.1", table) }
        try open("other", "192.0.2.2", table)
        places[0].isAsking()
        places[1].isAsking()
        places[1].isIdle()
        try open("late", "192.0.2.1", table)
        try open("later", "192.0.2.1", table)
        #expect(closed == ["2", "3"])
        #expect(table.held == 65)
        // Their own later end frees no other connection's place.
        places[2].isLeft()
        places[3].isLeft()
        #expect(table.held == 65)
        places[0].isLeft()
        #expect(table.held == 64)
    }

    @Test func `from nine tenths on the longest idle connection makes room, of whatever client`() throws {
        let table = try table(1000)
        let places = try (0..<899).map { try open("\($0)", "10.0.\($0 / 50).1", table) }
        #expect(closed.isEmpty)
        places[0].isAsking()
        try open("900", "203.0.113.1", table)
        #expect(closed.isEmpty)
        try open("901", "203.0.113.1", table)
        #expect(closed == ["1"])
        #expect(seen.events.withLock { $0 } == [.closed(.full)])
        #expect(table.held == 900)
    }

    @Test func `when all are busy a newcomer is refused, and this machine has places left`() throws {
        let table = try table(1000)
        for number in 0..<984 { try open("\(number)", "10.0.\(number / 50).1", table).isAsking() }
        #expect(throws: ConnectionTable.Shortage.full) { try open("late", "203.0.113.1", table) }
        for address in ["127.0.0.1", "::1", "127.0.0.9"] { try open("health", address, table).isAsking() }
        #expect(throws: ConnectionTable.Shortage.full) { try open("late", "203.0.113.1", table) }
        #expect(closed.isEmpty)
    }

    @Test func `a trusted proxy has no share, and its connections count`() throws {
        let table = try table(1000, proxies: "192.0.2.0/24")
        for number in 0..<900 { try open("\(number)", "192.0.2.7", table).isAsking() }
        #expect(table.held == 900)
        for number in 0..<84 { try open("\(number)", "192.0.2.7", table).isAsking() }
        #expect(throws: ConnectionTable.Shortage.full) { try open("late", "192.0.2.7", table) }
    }

    @Test func `the only place is the newcomer's, unless a client is being served in it`() throws {
        let table = try table(1)
        let first = try open("first", "192.0.2.1", table)
        let second = try open("second", "192.0.2.2", table)
        #expect(closed == ["first"])
        second.isAsking()
        #expect(throws: ConnectionTable.Shortage.full) { try open("third", "192.0.2.3", table) }
        // A late report of the first holder is ignored.
        first.isIdle()
        first.isLeft()
        #expect(throws: ConnectionTable.Shortage.full) { try open("third", "192.0.2.3", table) }
        second.isLeft()
        try open("fourth", "192.0.2.4", table)
        #expect(table.held == 1)
    }
}
