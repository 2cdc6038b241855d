import ArgumentParser
import BursarConsole
import BursarFoundation
import Reports
import Storage

struct TopUsage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch it being used: vends, refusals, who is active, how the server is.",
        discussion: """
            Drawn anew each second; q or Ctrl-C ends it. Without a terminal it is printed
            once. Refusals arrive with a delay of up to ten seconds.

            Examples:
              admin usage top
              admin usage top | cat
            """
    )

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.runWaiting { context in
            let store = try context.store()
            // Without a known address the view shows the database alone.
            let probe = (try? context.serverURL(nil)).map { ServerProbe($0, environment: context.environment) }
            guard let screen = FullScreen() else {
                let model = try TopModel().polling(at: store, now: context.now)
                let view = TopScreen(
                    model: model,
                    server: (await probe?.health() ?? .unknown).summary,
                    now: context.now,
                    decoration: context.terminal.output
                )
                let size = TerminalSize(columns: 80, rows: 40)
                return try context.terminal.print(view.lines(size, footer: nil).joined(separator: "\n"))
            }
            let watch = ServerMonitor(probe)
            let asking = Task { await watch.run() }
            defer {
                asking.cancel()
                screen.close()
            }
            try draw(store, watch, on: screen, context.terminal.output, now: Date.init)
        }
    }

    private func draw(
        _ store: Store,
        _ watch: ServerMonitor,
        on screen: FullScreen,
        _ decoration: Decoration,
        now clockTime: () -> Date
    ) throws {
        let clock = ContinuousClock()
        var model = TopModel()
        var next = clock.now
        var drawn: TerminalSize?
        repeat {
            guard let size = TerminalSize(of: .output) else { return }
            let isDue = clock.now >= next
            guard isDue || size != drawn else { continue }
            let now = clockTime()
            if isDue {
                model = try model.polling(at: store, now: now)
                next = clock.now + .seconds(1)
            }
            let view = TopScreen(model: model, server: watch.health.summary, now: now, decoration: decoration)
            try screen.draw(view.lines(size, footer: "q to quit"), decoration)
            drawn = size
        } while screen.goesOn()
    }
}

extension TopModel {
    /// Returns the model with the activity since the last poll.
    func polling(at store: Store, now: Date) throws -> TopModel {
        var model = self
        let start = now.addingTimeInterval(-Self.window)
        model.take(try store.reports.recentActivity(after: head, since: start, now: now), now: now)
        return model
    }
}

extension ServerHealth {
    fileprivate var summary: (text: String, isReady: Bool) { (description, isReady) }
}
