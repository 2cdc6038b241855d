import BursarCore

extension KeySource {
    /// How long a person may take to unlock a password manager, where nobody else waits.
    static let patience = Duration.seconds(60)

    /// The key itself.
    ///
    /// - Throws: `ResearcherKey.Malformation`, ``KeyCommand/Failure``, or `CancellationError`.
    func key(within limit: Duration) async throws -> ResearcherKey {
        switch self {
        case .stored(let text): try ResearcherKey(parsing: text.reveal())
        case .command(let command):
            try ResearcherKey(parsing: await KeyCommand(command: command).key(within: limit).reveal())
        }
    }
}
