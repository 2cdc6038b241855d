import BursarConsole
import Synchronization

/// How far a long reading has come, on one line of a terminal's stderr; nowhere else.
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

    /// `verb` is what is done to what is counted: `verified`.
    init(_ verb: String) {
        self.verb = verb
    }

    /// To be told from any thread, as often as there is news.
    func tell(_ count: Int64, of total: Int64) {
        guard isShown, total > 0 else { return }
        let now = ContinuousClock.now
        state.withLock { state in
            guard now - (state.shown ?? started) >= Self.interval else { return }
            state.shown = now
            let seconds = (now - started) / .seconds(1)
            let line =
                "\(count * 100 / total) % \(verb): \(count) of \(total), \(Int(Double(count) / seconds)) a second"
            show(line + String(repeating: " ", count: max(0, state.width - line.count)))
            state.width = line.count
        }
    }

    /// Takes the line away again.
    func end() {
        state.withLock { state in
            guard state.width > 0 else { return }
            show(String(repeating: " ", count: state.width))
            show("")
            state.width = 0
        }
    }

    private func show(_ line: String) {
        // Nobody is left to tell when stderr can't be written.
        try? StandardStream.errors.write("\r" + line)
    }
}
