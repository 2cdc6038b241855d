import BursarModel

extension KeySource {
    /// How long a person may take to unlock a password manager, where nobody else waits.
    static let timeout = Duration.seconds(60)

    /// The key itself.
    ///
    /// - Throws: `PastedKey.ParseError`, ``KeyCommand/Failure``, or `CancellationError`.
    func key(within limit: Duration) async throws -> ResearcherKey {
        switch self {
        case .stored(let text): try PastedKey.read(text.reveal())
        case .command(let command): try PastedKey.read(await KeyCommand(command: command).key(within: limit).reveal())
        }
    }
}
