import ArgumentParser
import BursarConsole

/// What is known here of a profile's session; nobody is asked.
struct Status: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the kept session and the last error.",
        discussion: """
              creds status
              creds status --format json

            When the session ends, when the next is asked for, what failed last. Reads this machine's files only; \
            creds whoami asks the server.

            --format json: {"profile", "server", "region", "session": {"accessKeyID", "expiration", "secondsLeft", \
            "nextRefresh"}, "lastError": {"time", "problem", "hint"}}; region, session, lastError and hint may be \
            absent, times are UTC as 2026-01-02T03:04:05Z.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let vended = try VendedSession(profile.name, context)
        let cache = try vended.cache()
        let report = StatusReport(
            name: profile.name,
            server: vended.profile.server,
            region: vended.region,
            session: cache.read(),
            lastFailure: cache.lastFailure(),
            at: context.now()
        )
        try report.print(format, context.terminal)
    }
}
