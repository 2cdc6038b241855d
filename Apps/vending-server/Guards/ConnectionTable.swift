import BursarModel
import NIOCore
import Synchronization

/// The connections that are held, whose they are, and which of them are idle.
///
/// They are counted as they come, before TLS. An IPv4 address or IPv6 /64 may hold a tenth of the places, at least
/// ``smallestShare``, and an IPv6 /48 three times that; trusted proxies, which speak for many, have no such share. A
/// newcomer beyond its share takes the place of its neighbourhood's longest idle connection, and is refused when each
/// of them has a request under way; the same holds among all once nine tenths of the places are taken. The last few
/// places are this machine's own, so that health checks are answered.
final class ConnectionTable: Sendable {
    /// Why a connection had to go.
    enum Shortage: String, Error, CaseIterable {
        /// Its neighbourhood holds its share.
        case share
        /// The places run out.
        case full
    }

    enum Event: Sendable, Hashable {
        /// A newcomer was turned away, since no connection was idle.
        case refused(Shortage)
        /// An idle connection was closed to make room.
        case closed(Shortage)
    }

    /// Connections that any neighbourhood may hold, however few places there are.
    static let smallestShare = 64
    /// Sockets that may be open beside those that have a place; past them none is accepted until one is closed.
    ///
    /// They are newcomers that are about to get a place or to be refused, and connections that are being closed to make
    /// room.
    static let openBeside = 16

    let limit: Int
    private let share: Int
    private let reserved: Int
    private let proxies: AddressList?
    private let report: @Sendable (Event, _ newcomer: IPAddress?) -> Void
    private let state = Mutex(State())

    /// `report` is told what happens for want of room, and to whom.
    init(
        limit: Int,
        proxies: AddressList? = nil,
        report: @escaping @Sendable (Event, _ newcomer: IPAddress?) -> Void = { _, _ in }
    ) {
        self.limit = limit
        self.proxies = proxies
        self.report = report
        share = max(Self.smallestShare, limit / 10)
        reserved = min(16, limit / 50)
    }

    /// How many are held now.
    var held: Int { state.withLock { $0.held } }

    /// Gives `channel` a place until it closes.
    func admit(_ channel: any Channel) throws(Shortage) -> Place {
        let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        let place = try admit(from: address) { channel.cutOff() }
        channel.closeFuture.whenComplete { _ in place.isLeft() }
        return place
    }

    /// Gives a connection from `address` a place, until ``Place/isLeft()``; `close` is called when another needs it.
    func admit(from address: IPAddress?, close: @escaping @Sendable () -> Void) throws(Shortage) -> Place {
        let blocks = shares(of: address)
        let isLocal = address.map { Loopback.contains(host: $0.description) } ?? false
        let places = limit - (isLocal ? 0 : reserved)
        var closed: [(close: @Sendable () -> Void, shortage: Shortage)] = []
        let outcome = state.withLock { state -> Result<Place, Shortage> in
            for (block, most) in blocks where state.members[block, default: []].count >= most {
                guard let idle = state.takeLongestIdle(of: block) else { return .failure(.share) }
                closed.append((idle, .share))
            }
            if state.held >= places || state.held * 10 >= limit * 9 {
                if let idle = state.takeLongestIdle() {
                    closed.append((idle, .full))
                } else if state.held >= places {
                    return .failure(.full)
                }
            }
            let (index, id) = state.add(blocks.map(\.block), close)
            return .success(Place(table: self, index: index, id: id))
        }
        for (close, shortage) in closed {
            close()
            report(.closed(shortage), address)
        }
        if case .failure(let shortage) = outcome { report(.refused(shortage), address) }
        return try outcome.get()
    }

    private func shares(of address: IPAddress?) -> [(block: CIDRBlock, most: Int)] {
        guard let address, proxies?.contains(address) != true else { return [] }
        let narrow = (address.clientNetwork, share)
        return address.family == .v4 ? [narrow] : [narrow, (CIDRBlock(around: address, prefix: 48), 3 * share)]
    }

    /// What one connection tells the table.
    struct Place: Sendable {
        fileprivate let table: ConnectionTable
        fileprivate let index: Int
        /// Whose place it was, since another may have it by now.
        fileprivate let id: UInt64

        /// A request is on its way.
        func isAsking() {
            table.state.withLock { $0.setIdle(false, index, id) }
        }

        /// Nothing is on its way.
        func isIdle() {
            table.state.withLock { $0.setIdle(true, index, id) }
        }

        /// The connection has ended.
        func isLeft() {
            table.state.withLock { $0.remove(index, id) }
        }
    }

    private struct Slot {
        let close: @Sendable () -> Void
        /// The blocks in whose shares it counts.
        let blocks: [CIDRBlock]
    }

    private struct State {
        private var slots: [Slot?] = []
        /// By place, beside the slots since each request changes them: who has it, or ``nobody``; and since when it is
        /// idle, as a number that rises, or ``asking``.
        private var ids: [UInt64] = []
        private var idleSince: [UInt64] = []
        private static let nobody: UInt64 = 0
        private static let asking = UInt64.max
        private var free: [Int] = []
        private(set) var members: [CIDRBlock: Set<Int>] = [:]
        private var clock: UInt64 = 0

        var held: Int { slots.count - free.count }

        /// A connection that hasn't asked yet is idle.
        mutating func add(_ blocks: [CIDRBlock], _ close: @escaping @Sendable () -> Void) -> (index: Int, id: UInt64) {
            clock += 1
            let index = free.popLast() ?? slots.count
            if index == slots.count {
                slots.append(nil)
                ids.append(Self.nobody)
                idleSince.append(Self.asking)
            }
            slots[index] = Slot(close: close, blocks: blocks)
            ids[index] = clock
            idleSince[index] = clock
            for block in blocks { members[block, default: []].insert(index) }
            return (index, clock)
        }

        mutating func setIdle(_ isIdle: Bool, _ index: Int, _ id: UInt64) {
            guard ids[index] == id else { return }
            clock += 1
            idleSince[index] = isIdle ? clock : Self.asking
        }

        mutating func remove(_ index: Int, _ id: UInt64) {
            guard ids[index] == id else { return }
            remove(index)
        }

        /// Gives up the place of the connection that has been idle longest, of `block` or of all; nil when none is.
        ///
        /// It looks at each: some microseconds for thousands, and only where a newcomer finds no room.
        mutating func takeLongestIdle(of block: CIDRBlock? = nil) -> (@Sendable () -> Void)? {
            let longest =
                if let block { longestIdle(members[block, default: []]) } else { longestIdle(idleSince.indices) }
            return longest.flatMap { remove($0) }
        }

        private func longestIdle(_ places: some Sequence<Int>) -> Int? {
            var longest: (index: Int?, since: UInt64) = (nil, Self.asking)
            for index in places where idleSince[index] < longest.since { longest = (index, idleSince[index]) }
            return longest.index
        }

        @discardableResult
        private mutating func remove(_ index: Int) -> (@Sendable () -> Void)? {
            guard let slot = slots[index] else { return nil }
            slots[index] = nil
            ids[index] = Self.nobody
            idleSince[index] = Self.asking
            free.append(index)
            for block in slot.blocks {
                members[block]?.remove(index)
                if members[block]?.isEmpty == true { members[block] = nil }
            }
            return slot.close
        }
    }
}
