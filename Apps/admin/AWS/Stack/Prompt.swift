import BursarConsole
import Dispatch

/// A question to a person, which a signal can break off: reading a line can't be cancelled.
enum Prompt {
    /// Returns when `ask` does.
    ///
    /// - Throws: what `ask` throws, or `CancellationError`.
    static func wait(_ ask: @escaping @Sendable () throws -> Void) async throws {
        let (answers, continuation) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        DispatchQueue.global().async {
            continuation.yield(Result { try ask() })
            continuation.finish()
        }
        for await answer in answers { return try answer.get() }
        throw CancellationError()
    }
}
