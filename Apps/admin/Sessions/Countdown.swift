import BursarConsole

/// Lets time pass, and says how much is left on a terminal.
struct Countdown {
    private static let step = Duration.milliseconds(200)

    let what: String

    /// Returns at `end`.
    ///
    /// - Throws: `CancellationError`.
    func wait(until end: ContinuousClock.Instant) async throws {
        let isShown = StandardStream.errors.isTerminal
        var shown = ""
        defer { if !shown.isEmpty { show(String(repeating: " ", count: shown.count) + "\r") } }
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            if isShown {
                shown = "\(what): \(Int((left / .seconds(1)).rounded(.up))) s "
                show(shown)
            }
            try await Task.sleep(for: min(left, Self.step))
        }
    }

    private func show(_ line: String) {
        // Nobody is left to tell when stderr can't be written.
        try? StandardStream.errors.write("\r" + line)
    }
}
