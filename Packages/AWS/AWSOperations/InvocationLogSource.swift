import AWSAuth
package import AWSClients
package import BursarFoundation

/// The records of one region's invocation log, as Bedrock delivered them.
///
/// Nothing is decoded here, and no cursor is kept: records arrive late and out of order, so the reader asks for windows
/// that overlap (``PullSchedule``), and recognises the records that it has.
package struct InvocationLogSource: Sendable {
    /// The pages between two looks at the configuration, which may get bodies while a long window is read.
    private static let pagesPerCheck = 50

    package let clients: InvocationLogClients

    package var region: String { clients.region }

    package init(_ clients: InvocationLogClients) {
        self.clients = clients
    }

    /// Returns the records whose events lie in `window`, page after page, by time; empty pages are left out.
    ///
    /// One page is held at a time, of at most 1 MB as AWS counts. Throttled calls are repeated by the clients' rules.
    ///
    /// - Throws: from the iterator, ``UnreadableLog`` before the first page and whenever the log must not be read on;
    ///   ``InvocationLogCallError``; `CancellationError`.
    package func pages(in window: Range<Date>) -> Pages {
        Pages(source: self, window: Self.milliseconds(window.lowerBound)..<Self.milliseconds(window.upperBound))
    }

    /// Returns the name of the log group that the configuration names.
    ///
    /// - Throws: ``UnreadableLog``, ``InvocationLogCallError``, or `CancellationError`.
    package func readableGroup() async throws -> String {
        let configuration = try await InvocationLogCallError.naming(region) {
            try await clients.bedrock.invocationLogging()
        }
        // The group isn't looked up, so that reading takes no right on other groups; one that can't be read says so.
        let group = configuration?.logGroup.map { LogGroup(name: $0.name) }
        let logging = RegionLogging(region: region, configuration: configuration, group: group)
        if let reason = logging.unreadable { throw reason }
        return group?.name ?? InvocationLogName.group
    }

    private static func milliseconds(_ date: Date) -> Int64 {
        max(0, Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// Pages of records.
    package struct Pages: AsyncSequence, Sendable {
        package typealias Element = [LogEvent]

        fileprivate let source: InvocationLogSource
        fileprivate let window: Range<Int64>

        package func makeAsyncIterator() -> Iterator {
            Iterator(source: source, window: window)
        }
    }

    package struct Iterator: AsyncIteratorProtocol {
        private let source: InvocationLogSource
        private let window: Range<Int64>
        private var group = ""
        private var token: String?
        private var cycle = TokenCycle()
        private var pageCount = 0
        private var isOver = false

        fileprivate init(source: InvocationLogSource, window: Range<Int64>) {
            self.source = source
            self.window = window
        }

        package mutating func next() async throws -> [LogEvent]? {
            while !isOver {
                try Task.checkCancellation()
                if pageCount.isMultiple(of: InvocationLogSource.pagesPerCheck) {
                    group = try await source.readableGroup()
                }
                let page = try await page()
                pageCount += 1
                isOver = page.next == nil
                if let next = page.next {
                    guard !cycle.closes(with: next) else { throw UnreadableLog.repeatedPage }
                    token = next
                }
                let records = page.events.filter { $0.stream == nil || $0.stream == InvocationLogName.stream }
                if !records.isEmpty { return records }
            }
            return nil
        }

        private func page() async throws -> LogEventPage {
            do {
                return try await InvocationLogCallError.naming(source.region) {
                    try await source.clients.logs.events(of: group, in: window, after: token)
                }
            } catch let error as InvocationLogCallError {
                guard case AWSError.refused(let refusal) = error.cause, refusal.isMissingLog else { throw error }
                throw UnreadableLog.missingGroup(group)
            }
        }
    }
}

/// Detects that a chain of page tokens leads back to one of its own, in constant space (Brent's algorithm).
struct TokenCycle {
    private var kept: String?
    private var count = 0
    private var limit = 1

    /// Adds a token; returns true once the chain is known to be a cycle.
    mutating func closes(with token: String) -> Bool {
        if token == kept { return true }
        count += 1
        if count == limit {
            kept = token
            limit *= 2
            count = 0
        }
        return false
    }
}

/// The windows of an invocation log that are due to be read.
///
/// Records come late, some by hours, and a cursor would lose them. So the last minutes are read again each minute, the
/// last hours each hour and the last days each day; what is read twice is counted once by its key.
package struct PullSchedule: Sendable {
    /// A window that is read again at intervals.
    package struct Tier: Sendable, Equatable {
        package let interval: TimeInterval
        package let span: TimeInterval
    }

    package static let tiers = [
        Tier(interval: 60, span: 600), Tier(interval: 3600, span: 4 * 3600), Tier(interval: 86_400, span: 3 * 86_400),
    ]

    /// The end of the last window that was read to its end, for each tier.
    private var ends: [Date?] = Array(repeating: nil, count: Self.tiers.count)

    package init() {}

    /// Returns the window to read at `date`: the widest that is due, which includes the others; nil if none is.
    ///
    /// After a pause it begins as far before the end of the last one as usual, so that nothing in between is left out.
    package func window(at date: Date) -> Range<Date>? {
        var begin: Date?
        for (tier, end) in zip(Self.tiers, ends) {
            // An end in the future is from before the clock was set back.
            let isDue = end.map { date < $0 || date >= $0.addingTimeInterval(tier.interval) } ?? true
            guard isDue else { continue }
            let own = min(date, end ?? date).addingTimeInterval(-tier.span)
            begin = min(begin ?? own, own)
        }
        return begin.map { $0..<date }
    }

    /// Marks `window` as read to its end; one that failed half-way is due again.
    package mutating func finish(_ window: Range<Date>) {
        for (index, tier) in Self.tiers.enumerated() {
            let reach = min(window.upperBound, ends[index] ?? window.upperBound).addingTimeInterval(-tier.span)
            if window.lowerBound <= reach { ends[index] = window.upperBound }
        }
    }
}
