import BursarConsole
import Synchronization

/// The progress of a long read, on one line of standard error if that is a terminal.
final class Progress: Sendable {
    private struct State {
        var shown: ContinuousClock.Instant?
        var width = 0
    }

    private static let interval = Duration.milliseconds(200)

    private let verb: String
    private let isShown = StandardStream.errors.isTerminal
    private let started = ContinuousClock.now
    private let state = Mutex(State())

    /// `verb` is the participle shown with the count: `verified`.
    init(_ verb: String) {
        self.verb = verb
    }

    /// Reports progress.
    ///
    /// Safe to call from any thread, at any rate.
    func report(_ count: Int64, of total: Int64) {
        guard total > 0 else { return }
        show { seconds in
            "\(count * 100 / total) % \(verb): \(count) of \(total), \(Int(Double(count) / seconds)) a second"
        }
    }

    /// Reports the number of lines in a stream of which `part` of `total` bytes are read; `total` is 0 if it isn't known.
    func report(lines: Int64, part: Int64, of total: Int64) {
        show { seconds in
            let share = total > 0 ? "\(min(100, part * 100 / total)) % " : ""
            return "\(share)\(verb): \(lines) lines, \(Int(Double(lines) / seconds)) a second"
        }
    }

    private func show(_ line: (_ seconds: Double) -> String) {
        guard isShown else { return }
        let now = ContinuousClock.now
        state.withLock { state in
            guard now - (state.shown ?? started) >= Self.interval else { return }
            state.shown = now
            let line = line((now - started) / .seconds(1))
            show(line + String(repeating: " ", count: max(0, state.width - line.count)))
            state.width = line.count
        }
    }

    /// Erases the line.
    func end() {
        state.withLock { state in
            guard state.width > 0 else { return }
            show(String(repeating: " ", count: state.width))
            show("")
            state.width = 0
        }
    }

    private func show(_ line: String) {
        // Progress is dropped when stderr can't be written.
        try? StandardStream.errors.write("\r" + line)
    }
}
