import BursarCore
import Testing

@testable import Vending

@Suite struct TurnsTests {
    private let keys = (0..<4).map { _ in
        var random = SystemRandomNumberGenerator()
        return KeyID(using: &random)
    }

    /// Queues callers, each a key and an address, and tells in which order they would start.
    private func order(_ turns: Turns, _ callers: [(key: Int, address: CIDRBlock)]) async throws -> [Int] {
        var turns = turns
        var started: [Int] = []
        for (number, caller) in callers.enumerated() {
            let ticket = turns.ticket(key: keys[caller.key], address: caller.address)
            try await withCheckedThrowingContinuation { continuation in
                if !turns.enqueue(ticket, continuation) { continuation.resume(throwing: RefusalCode.busy) }
                while let next = turns.next() { next.resume() }
                if turns.remove(ticket).map({ $0.resume() }) == nil { started.append(number) }
            }
        }
        return started
    }

    @Test func `one hash is under way for one key and for one address`() async throws {
        let turns = Turns(width: 8, depth: 100, depthPerAddress: 10)
        #expect(try await order(turns, [(0, .a), (0, .b), (1, .a), (1, .b)]) == [0, 3])
    }

    @Test func `no more than the width are under way`() async throws {
        let turns = Turns(width: 2, depth: 100, depthPerAddress: 10)
        #expect(try await order(turns, [(0, .a), (1, .b), (2, .c), (3, .d)]) == [0, 1])
    }

    @Test func `addresses take turns, however many callers one of them has`() async throws {
        let pool = HashingPool(width: 1)
        let issued = try IssuedKey()
        let others = try (0..<6).map { _ in try IssuedKey() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for other in others {
                group.addTask { _ = try await pool.verify(other.key, against: other.hash, from: .flood) }
            }
            group.addTask {
                let isRight = try await pool.verify(issued.key, against: issued.hash, from: .test)
                #expect(isRight)
            }
            try await group.waitForAll()
        }
    }

    @Test func `what waits is bounded, in all and per address`() async throws {
        let perAddress = HashingPool(width: 1, depth: 100, depthPerAddress: 0)
        let inAll = HashingPool(width: 1, depth: 0, depthPerAddress: 10)
        let issued = try IssuedKey()
        for pool in [perAddress, inAll] {
            await #expect(throws: RefusalCode.busy) {
                try await pool.verify(issued.key, against: issued.hash, from: .test)
            }
        }
    }

    @Test func `a caller who has gone leaves the queue`() async throws {
        let pool = HashingPool(width: 0)
        let issued = try IssuedKey()
        let caller = Task { try await pool.verify(issued.key, against: issued.hash, from: .test) }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
    }
}

extension CIDRBlock {
    fileprivate static let a = IPAddress.address("192.0.2.10").neighbourhood
    fileprivate static let b = IPAddress.address("192.0.2.11").neighbourhood
    fileprivate static let c = IPAddress.address("192.0.2.12").neighbourhood
    fileprivate static let d = IPAddress.address("192.0.2.13").neighbourhood
    fileprivate static let test = IPAddress.test.neighbourhood
    fileprivate static let flood = IPAddress.address("198.51.100.7").neighbourhood
}
