import BursarModel
import Logging
import NIOCore
import Synchronization

/// The open connections, the client network of each, and which of them are idle.
///
/// They are counted as they are accepted, before TLS. An IPv4 address or IPv6 /64 may hold a tenth of the places, at
/// least ``smallestShare``, and an IPv6 /48 three times that; trusted proxies, which serve many clients, have no such
/// share. A new connection beyond its network's share takes the place of that network's longest idle connection, and is
/// refused when each of them has a request under way; the same holds among all networks once nine tenths of the places
/// are taken. The last few places are reserved for this machine, so that health checks get a response.
final class ConnectionTable: Sendable {
    /// The limit that forced a connection to close.
    enum Shortage: String, Error, CaseIterable {
        /// The client network has used up its share.
        case share
        /// Few places are left.
        case full
    }

    enum Event: Sendable, Hashable {
        /// A new connection was refused, since no connection was idle.
        case refused(Shortage)
        /// An idle connection was closed to make room.
        case closed(Shortage)
    }

    /// The minimum share of a client network, however few places there are.
    static let smallestShare = 64
    /// Open sockets beyond the places; past them none is accepted until one is closed.
    ///
    /// They are new connections that are about to get a place or to be refused, and connections that are being closed
    /// to make room.
    static let openBeside = 16

    let limit: Int
    private let share: Int
    private let reserved: Int
    private let proxies: AddressList?
    private let report: @Sendable (Event, _ newcomer: IPAddress?) -> Void
    private let state = Mutex(State())

    /// `report` receives each event for want of room, and the address concerned.
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

    /// The number of open connections.
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

    /// One connection's handle on the table.
    struct Place: Sendable {
        fileprivate let table: ConnectionTable
        fileprivate let index: Int
        /// The place's holder, since another connection may have it by now.
        fileprivate let id: UInt64

        /// A request is under way.
        func isAsking() {
            table.state.withLock { $0.setIdle(false, index, id) }
        }

        /// No request is under way.
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
        /// Arrays indexed by place, beside the slots since each request changes them: the holder, or ``noHolder``; and
        /// the start of the idle time, as a rising number, or ``asking``.
        private var ids: [UInt64] = []
        private var idleSince: [UInt64] = []
        private static let noHolder: UInt64 = 0
        private static let asking = UInt64.max
        private var free: [Int] = []
        private(set) var members: [CIDRBlock: Set<Int>] = [:]
        private var clock: UInt64 = 0

        var held: Int { slots.count - free.count }

        /// Adds a connection; it is idle until its first request.
        mutating func add(_ blocks: [CIDRBlock], _ close: @escaping @Sendable () -> Void) -> (index: Int, id: UInt64) {
            clock += 1
            let index = free.popLast() ?? slots.count
            if index == slots.count {
                slots.append(nil)
                ids.append(Self.noHolder)
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

        /// Removes the connection that has been idle longest, of `block` or of all, and returns its closing action; nil
        /// when none is idle.
        ///
        /// It scans them all: some microseconds for thousands, and only where a new connection finds no room.
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
            ids[index] = Self.noHolder
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

/// Reports a lack of room for connections: in metrics each time, in the log at intervals.
final class ShortageReport: Sendable {
    /// The minimum interval between two identical log lines.
    private static let pause = Duration.seconds(600)

    private let metrics: ServerMetrics
    private let logger: Logger
    private let reported = Mutex<[ConnectionTable.Event: ContinuousClock.Instant]>([:])

    init(metrics: ServerMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func note(_ event: ConnectionTable.Event, newcomer: IPAddress?) {
        metrics.connectionEnded(event)
        let now = ContinuousClock.now
        let isNews = reported.withLock { reported in
            guard reported[event].map({ now - $0 >= Self.pause }) ?? true else { return false }
            reported[event] = now
            return true
        }
        guard isNews else { return }
        logger.warning("\(event.message)", metadata: ["address": "\(newcomer?.description ?? "-")"])
    }
}

extension ConnectionTable.Event {
    fileprivate var message: String {
        switch self {
        case .refused(.share): "connections of one address are refused: it holds its share, and all of them are busy"
        case .refused(.full): "connections are refused: as many are busy as may be held"
        case .closed(.share): "idle connections of one address are closed: it holds its share"
        case .closed(.full): "idle connections are closed: few more can be held"
        }
    }
}
