import ArgumentParser
import BursarConsole
import BursarHTTP
import BursarModel
import Reports
import Storage

struct Selftest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove with throw-away keys that the running server refuses what it should.",
        discussion: """
            Keys of researchers that no report or list shows: revoked, expired, over
            quota, from a wrong address, of a disabled researcher, with a wrong secret.
            One vend has to succeed; with a real role that asks AWS for a session of that
            researcher's (--no-vend leaves it out). All of them are revoked at the end,
            also after Ctrl-C. Exit 1 when one is not refused as it should be. Asks where
            the settings say that the server listens, or through its proxy, where that is
            on this machine.

            Examples:
              admin selftest
              admin selftest --no-vend --url https://bursar.example.edu
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("Where the server answers; else as its settings say.", valueName: "url"))
    var url: String?
    @Flag(help: "Leave out the vend that has to succeed.")
    var noVend = false
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await shared.runWaiting { context in
            let (address, note) = try context.selftestURL(url)
            if let note { context.terminal.note(note) }
            let store = try context.store()
            let signals = StopSignals()
            let trials = try SelftestKeys(vends: !noVend, at: context.now)
            let run = SelftestRun(
                store: store,
                client: BursarClient(server: address, transport: HTTPTransport(environment: context.environment)),
                keys: trials,
                act: context.act
            )
            if context.server == nil, StandardStream.errors.isTerminal {
                context.terminal.note("no server works on this database on this machine; asking \(address)")
            }
            let task = Task { try await run.results() }
            signals.interruption.onRequest { task.cancel() }
            let outcome = await task.result
            // On success and on failure.
            try store.administration.endSelftests(trials.handles, by: context.act)
            guard !signals.interruption.isRequested else { throw UserFacingError("stopped; its keys are revoked") }
            let rows = try outcome.get()
            try RowOutput(rows: rows, whenEmpty: "nothing was tried").print(as: format, on: context.terminal)
            let failures = rows.count { !$0.passed }
            guard failures == 0 else {
                throw UserFacingError(
                    failures == 1
                        ? "one answer is not as it should be" : "\(failures) answers are not as they should be",
                    hint: "is it the server of this database, and of this version? --url URL"
                )
            }
            context.terminal.note("\(rows.count) of \(rows.count) answers are as they should be")
        }
    }
}
