import Crypto
package import Spend

/// Lines of an invocation log on their way into the database.
///
/// Callers and models recur from line to line and are held once, so that a batch takes some 120 bytes for a call.
package struct SpendBatch: Sendable {
    /// Lines in one transaction: a vend of a running server waits for that long.
    package static let size = 4096

    /// The region, the model and the size of the prompt that calls are summed up by.
    struct Meter: Hashable, Sendable {
        let region: String
        let model: String
        /// The lower end of the band that the prompt's tokens lie in: some models have another price for long prompts,
        /// which a day's sum wouldn't show.
        let prompt: Int64

        init(_ call: LoggedCall) {
            region = call.region
            model = call.modelID
            let tokens = call.tokens
            // Each count is below 2^53.
            prompt = Self.band(tokens.input + tokens.cacheRead + tokens.cacheWrite)
        }

        private static func band(_ tokens: Int64) -> Int64 {
            tokens > 200_000 ? 200_000 : tokens > 100_000 ? 100_000 : 0
        }
    }

    struct Call: Sendable {
        let key: CallKey
        /// UTC milliseconds.
        let time: Int64
        /// Positions in ``SpendBatch/callers`` and ``SpendBatch/meters``.
        let caller: Int
        let meter: Int
        let tokens: TokenCounts
    }

    struct Quarantined: Sendable {
        let hash: [UInt8]
        let reason: QuarantineReason
        /// The file and line, or the log and event.
        let place: String
    }

    private(set) var calls: [Call] = []
    private(set) var callers: [String?] = []
    private(set) var meters: [Meter] = []
    private(set) var quarantined: [Quarantined] = []
    private(set) var ignored = 0
    private var positions: [String?: Int] = [:]
    private var meterPositions: [Meter: Int] = [:]

    package init() {}

    package var isEmpty: Bool { calls.isEmpty && quarantined.isEmpty && ignored == 0 }
    package var isFull: Bool { calls.count + quarantined.count >= Self.size }

    /// The number of lines.
    package var count: Int { calls.count + quarantined.count + ignored }

    /// Adds a line; of one that can't be counted the hash of its `bytes` is kept, never the text, and its `place` for the
    /// operator who looks for it.
    package mutating func add(_ line: LogLine, _ bytes: UnsafeRawBufferPointer, at place: @autoclosure () -> String) {
        switch line {
        case .call(let call): add(call)
        case .ignored: ignored += 1
        case .quarantined(let reason):
            var hash = SHA256()
            hash.update(bufferPointer: bytes)
            quarantined.append(Quarantined(hash: Array(hash.finalize()), reason: reason, place: place()))
        }
    }

    private mutating func add(_ call: LoggedCall) {
        let meter = Meter(call)
        calls.append(
            Call(
                key: CallKey(call),
                time: call.time,
                caller: Self.position(of: call.caller, in: &callers, &positions),
                meter: Self.position(of: meter, in: &meters, &meterPositions),
                tokens: call.tokens
            )
        )
    }

    /// The position of a value in a list, to which it is added if it is new.
    private static func position<Value: Hashable>(
        of value: Value,
        in list: inout [Value],
        _ positions: inout [Value: Int]
    ) -> Int {
        if let known = positions[value] { return known }
        positions[value] = list.count
        list.append(value)
        return list.count - 1
    }
}

/// The counts of lines that were brought in.
package struct SpendTally: Sendable, Equatable, Encodable {
    /// Lines, blank ones left out.
    package var records: Int64 = 0
    /// Calls that are counted from now on.
    package var calls: Int64 = 0
    /// Records of calls that were counted before.
    package var duplicates: Int64 = 0
    /// Lines that Bedrock writes beside the records.
    package var ignored: Int64 = 0
    /// Lines that can't be counted, and are in quarantine from now on.
    package var quarantined: Int64 = 0
    /// Records from before the time that sums are kept for.
    package var tooOld: Int64 = 0

    package init() {}

    package static func += (one: inout Self, other: Self) {
        one.records += other.records
        one.calls += other.calls
        one.duplicates += other.duplicates
        one.ignored += other.ignored
        one.quarantined += other.quarantined
        one.tooOld += other.tooOld
    }
}
