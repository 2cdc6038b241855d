/// A request body that comes in pieces, and goes out as it comes.
///
/// The pieces are asked for one by one, no faster than the peer takes them. When their sequence throws, or brings more
/// or less than was promised, the transfer is broken off: the peer never takes a part for the whole.
package struct HTTPClientRequestBody: Sendable {
    /// nil sends the body in chunks.
    package let length: Int?
    /// Moves the pieces into a queue, until their end.
    let pour: @Sendable (BodyQueue) async throws -> Void

    /// - Parameters:
    ///   - length: of all pieces together; nil when it isn't known.
    ///   - pieces: iterated once, by a task of its own, which is cancelled when the transfer ends.
    package init<Pieces: AsyncSequence & Sendable>(length: Int?, pieces: Pieces)
    where Pieces.Element: Collection<UInt8> {
        self.length = length
        pour = { queue in
            for try await piece in pieces { try await queue.add(Array(piece)) }
            try queue.finish()
        }
    }
}
