import BursarCore

/// Whose turn it is: a queue per address, addresses in a ring, one hash under way per address and per key id.
struct Turns {
    typealias Continuation = CheckedContinuation<Void, any Error>

    struct Ticket: Sendable {
        let number: UInt64
        let key: KeyID
        let address: CIDRBlock
    }

    private struct Waiter {
        let ticket: Ticket
        let continuation: Continuation
    }

    private let width: Int
    private let depth: Int
    private let depthPerAddress: Int
    private var queues: [CIDRBlock: [Waiter]] = [:]
    private var ring: [CIDRBlock] = []
    private(set) var waiting = 0
    private var busyKeys: Set<KeyID> = []
    private var busyAddresses: Set<CIDRBlock> = []
    private var tickets: UInt64 = 0

    init(width: Int, depth: Int, depthPerAddress: Int) {
        self.width = width
        self.depth = depth
        self.depthPerAddress = depthPerAddress
    }

    mutating func ticket(key: KeyID, address: CIDRBlock) -> Ticket {
        tickets += 1
        return Ticket(number: tickets, key: key, address: address)
    }

    /// False when too many wait, in all or from this address.
    mutating func enqueue(_ ticket: Ticket, _ continuation: Continuation) -> Bool {
        let queue = queues[ticket.address, default: []]
        guard waiting < depth, queue.count < depthPerAddress else { return false }
        if queue.isEmpty { ring.append(ticket.address) }
        queues[ticket.address] = queue + [Waiter(ticket: ticket, continuation: continuation)]
        waiting += 1
        return true
    }

    /// The next that may start now, which then is under way; its address goes to the end of the ring.
    mutating func next() -> Continuation? {
        guard busyAddresses.count < width else { return nil }
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

    /// The hash of `ticket` is done.
    mutating func finish(_ ticket: Ticket) {
        busyAddresses.remove(ticket.address)
        busyKeys.remove(ticket.key)
    }

    /// Takes a ticket that still waits out of its queue; nil when it doesn't wait any more.
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
