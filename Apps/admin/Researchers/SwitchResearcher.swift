import ArgumentParser
import BursarCore
import Console
import Storage
import Vending

struct DisableResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Switch a researcher off with all their keys; `enable` undoes it.",
        discussion: """
            Running servers refuse their keys within a second. Credentials that were
            handed out already live to their end, which is printed.

            Example:
              admin researchers disable ada --reason "on leave"
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Option(help: "Why, for their own row.")
    var reason: String?
    @Flag(help: "Don't ask.")
    var yes = false

    func run() throws {
        try shared.run { desk in
            let reason = try given(reason) { text throws(Problem) in
                try ResearcherFields.line(text, "--reason", limit: 512)
            }
            let store = try desk.store()
            let known = try store.knownResearcher(handle, at: desk.now)
            let handle = known.researcher.handle
            let keys = known.activeKeys == 1 ? "1 key" : "\(known.activeKeys) keys"
            try Confirmation(isGiven: yes).ask("switch off \(handle) (\(known.researcher.name)) with \(keys)?")
            switch try store.disable(handle, reason: reason, by: desk.act) {
            case .unknown: throw Problem("\(handle) is gone")
            case .wasSo: desk.terminal.note("\(handle) was switched off already")
            case .done(_, let liveUntil):
                desk.terminal.note("switched off \(handle)")
                desk.terminal.note(Wording.life(of: liveUntil))
                desk.noteWithoutServer()
            }
        }
    }
}

struct EnableResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let a researcher's keys work again.",
        discussion: "Example:\n  admin researchers enable ada"
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String

    func run() throws {
        try shared.run { desk in
            let store = try desk.store()
            let known = try store.knownResearcher(handle, at: desk.now)
            let handle = known.researcher.handle
            switch try store.enable(handle, by: desk.act) {
            case .unknown: throw Problem("\(handle) is gone")
            case .wasSo: desk.terminal.note("\(handle) was not switched off")
            case .done:
                desk.terminal.note("\(handle) is switched on")
                desk.noteWithoutServer()
            }
            if let ends = known.researcher.ends, ends <= desk.now {
                desk.terminal.warn(
                    Problem(
                        "their stay was over on \(TypedEnd.lastDay(before: ends)), so their keys don't work",
                        hint: "admin researchers update \(handle) --until DAY"
                    )
                )
            }
        }
    }
}
