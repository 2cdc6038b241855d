import ArgumentParser
import Console

/// What is known here of a profile's session; nobody is asked.
struct Status: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the session that is kept: when it ends, when the next is asked for, what failed last.",
        discussion: "Reads this machine's files only. creds whoami asks the server."
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = SheetFormat.table

    func run(_ context: Context) async throws {
        let vended = try VendedSession(profile.name, context)
        let cache = try vended.cache()
        let report = StatusReport(
            name: profile.name,
            server: vended.profile.server,
            session: cache.read(),
            lastFailure: cache.lastFailure(),
            at: context.now()
        )
        try report.print(format, context.terminal)
    }
}
