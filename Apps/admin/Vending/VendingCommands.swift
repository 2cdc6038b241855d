import ArgumentParser
import BursarCore
import Console
import Storage

struct VendingCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vending",
        abstract: "The switch that stops all vending.",
        subcommands: [Pause.self, Resume.self]
    )

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
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
            try shared.run(onFaultySettings: .toldAtTheEnd) { desk in
                let store = try desk.store()
                try Confirmation(isGiven: yes).ask("stop all vending?")
                let isNew = try store.pause(by: desk.act)
                desk.terminal.note(isNew ? "vending is stopped" : "vending was stopped already")
                desk.terminal.note("admin vending resume lets it go on")
                desk.noteWithoutServer()
            }
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let vending go on.",
            discussion: """
                Example:
                  admin vending resume
                """
        )

        @OptionGroup var shared: SharedOptions

        func run() throws {
            try shared.run { desk in
                let isNew = try desk.store().resume(by: desk.act)
                desk.terminal.note(isNew ? "vending goes on" : "vending was not stopped")
                desk.noteWithoutServer()
            }
        }
    }
}
