/// Pauses between questions to AWS: short at first, five seconds in the long run, so that nobody is throttled.
struct PollingInterval {
    private static let steps: [Duration] = [
        .milliseconds(300), .milliseconds(700), .seconds(1), .seconds(2), .seconds(3),
    ]
    private var count = 0

    mutating func next() -> Duration {
        defer { count += 1 }
        return count < Self.steps.count ? Self.steps[count] : .seconds(5)
    }

    /// Something has happened, so more may follow soon.
    mutating func quicken() {
        count = min(count, 2)
    }
}
