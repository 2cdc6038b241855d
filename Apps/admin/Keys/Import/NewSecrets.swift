import BursarConsole
import BursarFoundation
import BursarModel
import Dispatch
import Synchronization
import Vending

/// Many keys with their hashes, made on all processors: one hash alone takes some 20 ms.
final class NewSecrets: Sendable {
    typealias Pair = (key: ResearcherKey, hash: PasswordHash)

    private struct State {
        var pairs: [Pair] = []
        var fault: Argon2Error?
    }

    /// Hashes at a time at most, each of which takes 19 MiB.
    private static let width = 8
    /// From so many on, somebody waits long enough to be told.
    private static let many = 100

    private let count: Int
    private let terminal: Terminal
    private let state = Mutex(State())

    private init(_ count: Int, on terminal: Terminal) {
        self.count = count
        self.terminal = terminal
    }

    /// So many keys; long work is told on stderr as it goes on.
    static func make(_ count: Int, on terminal: Terminal) throws(Argon2Error) -> [Pair] {
        let secrets = NewSecrets(count, on: terminal)
        let workers = max(1, min(width, count, ProcessInfo.processInfo.activeProcessorCount))
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for _ in stride(from: worker, to: count, by: workers) { secrets.makeOne() }
        }
        let state = secrets.state.withLock { $0 }
        if let fault = state.fault { throw fault }
        return state.pairs
    }

    private func makeOne() {
        guard state.withLock({ $0.fault == nil }) else { return }
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        do {
            let pair = (key: key, hash: try PasswordHash(of: key.text, using: &random))
            let done = state.withLock { state in
                state.pairs.append(pair)
                return state.pairs.count
            }
            if count >= Self.many, done.isMultiple(of: Self.many) { terminal.note("made \(done) of \(count) keys") }
        } catch {
            state.withLock { $0.fault = error }
        }
    }
}
