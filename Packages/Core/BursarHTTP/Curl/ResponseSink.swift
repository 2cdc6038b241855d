/// Where the transfer thread puts an answer: ``BufferedResponseSink`` collects it, ``StreamingResponseSink`` hands it on as it comes.
///
/// The thread calls ``begin(status:headers:)`` at most once, before any byte, and ``end(_:)`` once, at last.
protocol ResponseSink: Sendable {
    /// Takes the head of the final answer.
    func begin(status: Int, headers: [(name: String, value: String)])

    /// Takes bytes of the body, all of them or none.
    func take(_ bytes: UnsafeRawBufferPointer) -> WriteResult

    /// Whether it would take bytes again, after it was ``WriteResult/full``.
    var hasRoom: Bool { get }

    /// Takes the outcome: success when libcurl saw the answer's end.
    func end(_ outcome: Result<Void, any Error>)
}

/// What became of bytes that were offered.
enum WriteResult {
    case taken
    /// There is no room now: offer them again.
    case full
    /// The transfer has to stop.
    case refused
}
