import BursarModel
import Synchronization
import Testing

@testable import Vending

@Suite struct HashingPoolTests {
    private let keys = (0..<4).map { _ in
        var random = SystemRandomNumberGenerator()
        return KeyID(using: &random)
    }

    /// Queues callers, each a key and an address, and tells in which order they would start.
    private func order(_ turns: FairQueue, _ callers: [(key: Int, address: CIDRBlock)]) async throws -> [Int] {
        var turns = turns
        var started: [Int] = []
        for (number, caller) in callers.enumerated() {
            let ticket = turns.ticket(key: keys[caller.key], address: caller.address)
            try await withCheckedThrowingContinuation { continuation in
                guard case .waits = turns.enqueue(ticket, continuation) else {
                    return continuation.resume(throwing: ErrorCode.busy)
                }
                while let next = turns.next() { next.resume() }
                if turns.remove(ticket).map({ $0.resume() }) == nil { started.append(number) }
            }
        }
        return started
    }

    @Test func `one hash is under way for one key and for one address`() async throws {
        let turns = FairQueue(width: 8, depth: 100, depthPerAddress: 10, depthPerKey: 10)
        #expect(try await order(turns, [(0, .a), (0, .b), (1, .a), (1, .b)]) == [0, 3])
    }

    @Test func `no more than the width are under way`() async throws {
        let turns = FairQueue(width: 2, depth: 100, depthPerAddress: 10, depthPerKey: 10)
        #expect(try await order(turns, [(0, .a), (1, .b), (2, .c), (3, .d)]) == [0, 1])
    }

    @Test(arguments: [(17, 2, 1), (16, 2, 2), (17, 1, 1), (32, 4, 3)])
    func `while most secrets are wrong, one hash fewer is under way`(wrong: Int, width: Int, expected: Int) async throws
    {
        var turns = FairQueue(width: width, depth: 100, depthPerAddress: 10, depthPerKey: 10)
        let ticket = turns.ticket(key: keys[0], address: .flood)
        for _ in 0..<wrong { turns.finish(ticket, isRight: false) }
        // A hash without a result says nothing of the secret.
        for _ in 0..<32 { turns.finish(ticket, isRight: nil) }
        let callers: [(key: Int, address: CIDRBlock)] = [(0, .a), (1, .b), (2, .c), (3, .d)]
        #expect(try await order(turns, callers).count == expected)
        for _ in 0..<16 { turns.finish(ticket, isRight: true) }
        #expect(try await order(turns, callers).count == width)
    }

    @Test func `addresses take turns, however many callers one of them has`() async throws {
        let queue = Queue(FairQueue(width: 1, depth: 100, depthPerAddress: 10, depthPerKey: 10))
        let keys = keys
        let addresses: [CIDRBlock] = [.flood, .flood, .flood, .test]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, address) in addresses.enumerated() {
                group.addTask {
                    try await withCheckedThrowingContinuation { continuation in
                        queue.turns.withLock { turns in
                            let ticket = turns.ticket(key: keys[number], address: address)
                            queue.tickets.withLock { $0.append(ticket) }
                            guard case .waits = turns.enqueue(ticket, continuation) else {
                                return continuation.resume(throwing: ErrorCode.busy)
                            }
                        }
                    }
                    queue.started.withLock { $0.append(number) }
                }
                while queue.tickets.withLock({ $0.count }) == number { await Task.yield() }
            }
            for count in 1...addresses.count {
                queue.turns.withLock { $0.next() }?.resume()
                while queue.started.withLock({ $0.count }) < count { await Task.yield() }
                let ticket = queue.tickets.withLock { $0[queue.started.withLock { $0[count - 1] }] }
                queue.turns.withLock { $0.finish(ticket, isRight: true) }
            }
            try await group.waitForAll()
        }
        #expect(queue.started.withLock { $0 } == [0, 3, 1, 2])
    }

    private final class StartCount: Sendable {
        let count = Mutex(0)
    }

    @Test func `a thread that can't be started is an error, and ends those that were`() throws {
        let started = StartCount()
        let start = { (jobs: HashingThreads.Jobs) -> CInt in
            guard started.count.withLock({ $0 }) < 2 else { return 11 }
            started.count.withLock { $0 += 1 }
            return HashingThreads.start(jobs)
        }
        #expect(throws: HashingThreadError(errno: 11)) {
            _ = try HashingThreads(count: 3, priorityRefused: { _ in }, start: start)
        }
        #expect(started.count.withLock { $0 } == 2)
    }

    @Test func `what waits is bounded, in all and per address`() async throws {
        let perAddress = HashingPool.started(width: 1, depth: 100, depthPerAddress: 0)
        let inAll = HashingPool.started(width: 1, depth: 0, depthPerAddress: 10)
        let issued = try IssuedKey()
        for pool in [perAddress, inAll] {
            await #expect(throws: ErrorCode.busy) {
                try await pool.verify(issued.key, against: issued.hash, from: .test)
            }
        }
    }

    private final class Queue: Sendable {
        let turns: Mutex<FairQueue>
        let tickets = Mutex<[FairQueue.Ticket]>([])
        /// Callers by their number, in the order in which they started.
        let started = Mutex<[Int]>([])

        init(_ turns: FairQueue) { self.turns = Mutex(turns) }
    }

    /// True for each of `callers` that may wait, when they come in turn and nothing is hashed.
    private func waiting(
        _ callers: [(key: Int, address: String)],
        after failures: [String: Int] = [:],
        depth: Int = 256,
        perKey: Int = 16
    ) async -> [Bool] {
        let keys = keys
        let queue = Queue(FairQueue(width: 0, depth: depth, depthPerAddress: 32, depthPerKey: perKey))
        return await withTaskGroup(of: (Int, Bool).self) { group in
            for (number, caller) in callers.enumerated() {
                let count = queue.tickets.withLock { $0.count }
                group.addTask {
                    do {
                        try await withCheckedThrowingContinuation { continuation in
                            let entry = queue.turns.withLock { turns in
                                let address = IPAddress.address(caller.address).clientNetwork
                                let ticket = turns.ticket(
                                    key: keys[caller.key],
                                    address: address,
                                    failures: failures[caller.address, default: 0]
                                )
                                queue.tickets.withLock { $0.append(ticket) }
                                return turns.enqueue(ticket, continuation)
                            }
                            switch entry {
                            case .waits: break
                            case .waitsInsteadOf(let other): other.resume(throwing: ErrorCode.busy)
                            case .refused: continuation.resume(throwing: ErrorCode.busy)
                            }
                        }
                        return (number, true)
                    } catch {
                        return (number, false)
                    }
                }
                // One after the other.
                while queue.tickets.withLock({ $0.count }) == count { await Task.yield() }
            }
            for ticket in queue.tickets.withLock({ $0 }) { queue.turns.withLock { $0.remove(ticket) }?.resume() }
            var waited = Array(repeating: false, count: callers.count)
            for await (number, isIn) in group { waited[number] = isIn }
            return waited
        }
    }

    private static let household = (0..<16).map { "2001:db8:7:1\(String($0, radix: 16))::1" }

    @Test(arguments: ["192.0.2.1", "2001:db8:8::1"])
    func `a flood of a key's queue from sixteen networks of a household gives way to its owner`(
        _ owner: String
    ) async {
        let flood = Self.household.map { (key: 0, address: $0) }
        let waited = await waiting(flood + [(0, owner)] + flood)
        #expect(waited[16])
        #expect(waited.count { $0 } == 16)
    }

    @Test func `a full queue takes in a key that nobody else asks with, and another from the same place no more`() async
    {
        let flood = Self.household.flatMap { address in (0..<4).map { (key: $0, address: address) } }
        let waited = await waiting(flood + [(0, "192.0.2.1"), (1, "192.0.2.2")] + flood, depth: 64, perKey: 16)
        #expect(waited[64] && waited[65])
        #expect(waited.count { $0 } == 64)
    }

    @Test func `where all have the same share a newcomer waits outside`() async {
        let callers = (1...5).map { (key: $0 % 4, address: "192.0.2.\($0)") }
        #expect(await waiting(callers, depth: 4) == [true, true, true, true, false])
    }

    /// Each waits once, for the owner's key or for any, and the queue is full.
    @Test(arguments: [(256, 16), (16, 256)])
    func `a flood of the queue from sixteen networks with wrong secrets gives way to a caller who has sent none`(
        _ depth: Int,
        _ perKey: Int
    ) async {
        let flood = (1...16).map { (key: 0, address: "198.51.100.\($0)") }
        var failures = Dictionary(uniqueKeysWithValues: flood.map { ($0.address, 1) })
        failures["198.51.100.9"] = 2
        let waited = await waiting(flood + [(0, "192.0.2.1")] + flood, after: failures, depth: depth, perKey: perKey)
        // The ninth has sent most; those that come again find others that have sent as many, and wait outside.
        #expect(waited == (1...16).map { $0 != 9 } + [true] + Array(repeating: false, count: 16))
    }

    @Test func `the last of the longest queue goes, not the first`() async {
        let callers = [(0, "192.0.2.1"), (1, "192.0.2.1"), (2, "192.0.2.1"), (3, "192.0.2.2")]
        #expect(await waiting(callers.map { (key: $0.0, address: $0.1) }, depth: 3) == [true, true, false, true])
    }

    @Test func `a caller who has gone leaves the queue`() async throws {
        let pool = HashingPool.started(width: 0)
        let issued = try IssuedKey()
        let caller = Task { try await pool.verify(issued.key, against: issued.hash, from: .test) }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
    }
}

extension CIDRBlock {
    fileprivate static let a = IPAddress.address("192.0.2.10").clientNetwork
    fileprivate static let b = IPAddress.address("192.0.2.11").clientNetwork
    fileprivate static let c = IPAddress.address("192.0.2.12").clientNetwork
    fileprivate static let d = IPAddress.address("192.0.2.13").clientNetwork
    fileprivate static let test = IPAddress.test.clientNetwork
    fileprivate static let flood = IPAddress.address("198.51.100.7").clientNetwork
}
