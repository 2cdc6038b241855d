/// The bytes of an answer, as they come; to be iterated once, by one task.
///
/// Iteration throws ``TransportError`` when the answer breaks off or stalls. The transfer ends when the iterator, or
/// the last copy of a body that nobody iterates, is let go, and when the iterating task is cancelled.
package struct StreamedBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    private let answer: StreamingResponseSink
    private let lease: Lease

    init(_ answer: StreamingResponseSink) {
        self.answer = answer
        lease = Lease(answer)
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(answer: answer, body: lease, own: Lease(answer))
    }

    /// Waits for pieces; none is empty.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let answer: StreamingResponseSink
        /// Held so that the transfer goes on when only the iterator is left.
        fileprivate let body: Lease
        fileprivate let own: Lease

        package mutating func next() async throws -> [UInt8]? {
            try await withTaskCancellationHandler {
                try await answer.next()
            } onCancel: { [answer] in
                answer.abandon()
            }
        }
    }

    /// Ends the transfer with itself.
    fileprivate final class Lease: Sendable {
        private let answer: StreamingResponseSink

        init(_ answer: StreamingResponseSink) {
            self.answer = answer
        }

        deinit {
            answer.abandon()
        }
    }
}
