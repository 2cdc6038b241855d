import ArgumentParser
import BursarConsole

/// Fetches a new session from the server.
struct Refresh: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the server for a new session now.",
        discussion: """
              creds refresh

            Not needed in everyday use: the session is renewed by itself. When the server can't be reached, the \
            session that is there stays in use. The server may give the same session again until half of its life \
            is over.

            --format json: as of creds status.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let vended = try ProfileSession(profile.name, context)
        let renewed: SessionRenewal.Renewed
        do {
            renewed = try await vended.renewed()
        } catch {
            try keptNote(vended, context)
            throw error
        }
        if renewed.isSame { context.terminal.note("the server gave the same session again") }
        let report = StatusReport(
            name: profile.name,
            server: vended.profile.server,
            region: vended.region,
            session: renewed.session,
            lastFailure: nil,
            at: context.now()
        )
        try report.print(format, context.terminal)
    }

    /// Reports the session that stays in use; printed before the error, so that the error and its hint come last.
    private func keptNote(_ vended: ProfileSession, _ context: CredsContext) throws(UserFacingError) {
        guard let kept = try vended.cache().read(), kept.isUsable(at: context.now()) else { return }
        let end = RelativeTime(until: kept.expiration, at: context.now())
        context.terminal.note("the session that is there stays in use; it ends \(end)")
    }
}
