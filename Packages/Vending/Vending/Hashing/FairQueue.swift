import BursarModel

/// A fair queue: one queue per address, addresses in a ring, one hash under way per address and per key id.
///
/// When the queue is full, in all or for one key id, a newcomer takes the last place of the longest queue: that of the
/// network with most callers waiting, and within it of the address. Among equals, the one that has sent most wrong
/// secrets gives way. So an attacker who fills the queues from many addresses of a network, or guesses from many
/// networks, delays only their own requests.
///
/// While most secrets are wrong, one hash fewer than usual is under way, so that guessing leaves a processor to those who
/// have keys.
struct FairQueue {
    typealias Continuation = CheckedContinuation<Void, any Error>

    struct Ticket: Sendable {
        let number: UInt64
        let key: KeyID
        let address: CIDRBlock
        /// The number of wrong secrets that the address has sent lately.
        let failures: Int

        /// The range of one household or institute: an IPv6 /48, or the IPv4 address itself.
        fileprivate var network: CIDRBlock {
            address.network.family == .v4 ? address : CIDRBlock(around: address.network, prefix: 48)
        }
    }

    /// The result of ``enqueue(_:_:)``.
    enum Entry {
        case waits
        /// It waits, and the caller of this continuation loses its place.
        case waitsInsteadOf(Continuation)
        case refused
    }

    private struct Waiter {
        let ticket: Ticket
        let continuation: Continuation
    }

    private let width: Int
    private let depth: Int
    private let depthPerAddress: Int
    private let depthPerKey: Int
    private var queues: [CIDRBlock: [Waiter]] = [:]
    private var ring: [CIDRBlock] = []
    private(set) var waiting = 0
    private var busyKeys: Set<KeyID> = []
    private var busyAddresses: Set<CIDRBlock> = []
    private var recent = RecentOutcomes()
    private var tickets: UInt64 = 0

    init(width: Int, depth: Int, depthPerAddress: Int, depthPerKey: Int) {
        self.width = width
        self.depth = depth
        self.depthPerAddress = depthPerAddress
        self.depthPerKey = depthPerKey
    }

    mutating func ticket(key: KeyID, address: CIDRBlock, failures: Int = 0) -> Ticket {
        tickets += 1
        return Ticket(number: tickets, key: key, address: address, failures: failures)
    }

    /// Puts a newcomer at the end of its address's queue, unless that is full.
    mutating func enqueue(_ ticket: Ticket, _ continuation: Continuation) -> Entry {
        guard queues[ticket.address, default: []].count < depthPerAddress else { return .refused }
        let forKey = queues.values.reduce(0) { $0 + $1.count { $0.ticket.key == ticket.key } }
        var displaced: Continuation?
        if forKey >= depthPerKey || waiting >= depth {
            displaced = displace(for: ticket, onlyKey: forKey >= depthPerKey)
            guard displaced != nil else { return .refused }
        }
        if queues[ticket.address] == nil { ring.append(ticket.address) }
        queues[ticket.address, default: []].append(Waiter(ticket: ticket, continuation: continuation))
        waiting += 1
        return displaced.map { .waitsInsteadOf($0) } ?? .waits
    }

    /// The load of an address block; the block with the heavier load gives way.
    private struct Load: Comparable {
        var waiting = 0
        var failures = 0

        static func < (one: Self, other: Self) -> Bool {
            (one.waiting, one.failures) < (other.waiting, other.failures)
        }

        mutating func add(_ ticket: Ticket) {
            waiting += 1
            failures += ticket.failures
        }
    }

    /// Removes the last caller of the heaviest queue, in all or for the newcomer's key; returns nil if that queue is the
    /// newcomer's own.
    private mutating func displace(for newcomer: Ticket, onlyKey: Bool) -> Continuation? {
        var networks: [CIDRBlock: Load] = [:]
        var addresses: [CIDRBlock: [CIDRBlock: Load]] = [:]
        let waiters = queues.values.joined().map(\.ticket).filter { !onlyKey || $0.key == newcomer.key }
        for ticket in waiters + [newcomer] {
            networks[ticket.network, default: Load()].add(ticket)
            addresses[ticket.network, default: [:]][ticket.address, default: Load()].add(ticket)
        }
        let network = Self.heaviest(networks, or: newcomer.network)
        let address = Self.heaviest(addresses[network, default: [:]], or: newcomer.address)
        guard address != newcomer.address,
            let last = queues[address]?.last(where: { !onlyKey || $0.ticket.key == newcomer.key })
        else { return nil }
        return remove(last.ticket)
    }

    /// Returns the block with the highest load; `own` if no other has more.
    private static func heaviest(_ loads: [CIDRBlock: Load], or own: CIDRBlock) -> CIDRBlock {
        let heaviest = loads.max { $0.value < $1.value }
        guard let heaviest, heaviest.value > loads[own, default: Load()] else { return own }
        return heaviest.key
    }

    /// Starts the next caller that may run now; its address goes to the end of the ring.
    mutating func next() -> Continuation? {
        guard busyAddresses.count < (recent.areMostlyWrong ? max(1, width - 1) : width) else { return nil }
        for (place, address) in ring.enumerated() where !busyAddresses.contains(address) {
            let queue = queues[address, default: []]
            guard let index = queue.firstIndex(where: { !busyKeys.contains($0.ticket.key) }) else { continue }
            let waiter = queue[index]
            ring.remove(at: place)
            take(index, from: address)
            if queues[address] != nil { ring.append(address) }
            busyAddresses.insert(address)
            busyKeys.insert(waiter.ticket.key)
            return waiter.continuation
        }
        return nil
    }

    /// Ends the hash of `ticket`; `isRight` is nil if it has no result.
    mutating func finish(_ ticket: Ticket, isRight: Bool?) {
        busyAddresses.remove(ticket.address)
        busyKeys.remove(ticket.key)
        if let isRight { recent.add(isRight: isRight) }
    }

    /// Removes a waiting ticket from its queue; returns nil if it no longer waits.
    mutating func remove(_ ticket: Ticket) -> Continuation? {
        guard let queue = queues[ticket.address],
            let index = queue.firstIndex(where: { $0.ticket.number == ticket.number })
        else { return nil }
        take(index, from: ticket.address)
        if queues[ticket.address] == nil { ring.removeAll { $0 == ticket.address } }
        return queue[index].continuation
    }

    private mutating func take(_ index: Int, from address: CIDRBlock) {
        queues[address]?.remove(at: index)
        if queues[address]?.isEmpty == true { queues[address] = nil }
        waiting -= 1
    }
}

/// The results of the last hashes.
private struct RecentOutcomes {
    /// A bit for each, set if the secret was wrong.
    private var wrong: UInt32 = 0

    var areMostlyWrong: Bool { wrong.nonzeroBitCount > UInt32.bitWidth / 2 }

    mutating func add(isRight: Bool) {
        wrong = wrong << 1 | (isRight ? 0 : 1)
    }
}
