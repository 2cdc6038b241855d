import ArgumentParser
import BursarConsole
import BursarModel
import Storage

struct PauseVending: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop handing out credentials, to everybody.",
        discussion: """
            No vend is recorded from this moment on, and running servers answer `paused`
            within a second. What was handed out before works to its end.

            Example:
              admin vending pause --yes
            """
    )

    @OptionGroup var shared: SharedOptions
    @Flag(help: "Don't ask.")
    var yes = false

    func run() throws {
        try shared.run(onFaultySettings: .reportedAtTheEnd) { context in
            let store = try context.store()
            try Confirmation(isGiven: yes).ask("stop all vending?")
            let isNew = try store.administration.pause(by: context.act)
            context.terminal.note(isNew ? "vending is stopped" : "vending was stopped already")
            context.terminal.note("admin vending resume lets it go on")
            context.noteWithoutServer()
        }
    }
}

struct ResumeVending: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let vending go on.",
        discussion: """
            Example:
              admin vending resume
            """
    )

    @OptionGroup var shared: SharedOptions

    func run() throws {
        try shared.run { context in
            let isNew = try context.store().administration.resume(by: context.act)
            context.terminal.note(isNew ? "vending goes on" : "vending was not stopped")
            context.noteWithoutServer()
        }
    }
}
