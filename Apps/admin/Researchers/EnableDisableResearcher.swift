import ArgumentParser
import BursarConsole
import BursarModel
import Enrollment
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
        try shared.run(onFaultySettings: .reportedAtTheEnd) { context in
            let reason = try given(reason) { text throws(UserFacingError) in
                try ResearcherFields.line(text, .option("--reason"), limit: 512)
            }
            let store = try context.store()
            let known = try store.knownResearcher(handle, at: context.now)
            let handle = known.researcher.handle
            let keys = known.keysInForce == 1 ? "1 key" : "\(known.keysInForce) keys"
            try Confirmation(isGiven: yes).ask("switch off \(handle) (\(known.researcher.name)) with \(keys)?")
            switch try store.administration.disable(handle, reason: reason, by: context.act) {
            case .unknown: throw UserFacingError("\(handle) is gone")
            case .unchanged: context.terminal.note("\(handle) was switched off already")
            case .done(_, let liveUntil):
                context.terminal.note("switched off \(handle)")
                context.terminal.note(HandedOutCredentials.lifetime(until: liveUntil))
                context.noteWithoutServer()
            }
        }
    }
}

struct EnableResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let researchers' keys work again.",
        discussion: """
            A restore disables all whose keys are in doubt. Once you have looked and
            revoked what should not work, --disabled-by-restore lets the others go on.

            Examples:
              admin researchers enable ada
              admin researchers enable ada bob
              admin researchers enable --disabled-by-restore --project engines
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researchers' handles.", completion: .handles)
    var handles: [String] = []
    @Flag(help: "All whom a restore disabled, and who were not enabled since.")
    var disabledByRestore = false
    @Option(help: "Of those only this project's.", completion: .projects)
    var project: String?
    @Flag(help: "Don't ask.")
    var yes = false

    func validate() throws {
        guard handles.isEmpty == disabledByRestore else {
            throw ValidationError("name the researchers, or say --disabled-by-restore")
        }
        guard project == nil || disabledByRestore else {
            throw ValidationError("--project goes with --disabled-by-restore")
        }
    }

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let known = try disabledByRestore ? disabled(in: store, context) : named(in: store, context)
            guard !known.isEmpty else { return context.terminal.note("no researcher is disabled by a restore") }
            if disabledByRestore { try ask(known) }
            let found = try store.administration.enable(known.map(\.researcher.handle), by: context.act)
            for (researcher, outcome) in zip(known, found) { report(researcher, outcome, on: context) }
            let isChanged = found.contains { if case .done = $0 { true } else { false } }
            if isChanged { context.noteWithoutServer() }
        }
    }

    private func named(in store: Store, _ context: AdminContext) throws -> [StoredResearcher] {
        var seen: Set<String> = []
        return try handles.map { try store.knownResearcher($0, at: context.now) }
            .filter { seen.insert($0.researcher.handle.description).inserted }
    }

    private func disabled(in store: Store, _ context: AdminContext) throws -> [StoredResearcher] {
        let project = try project.map { try store.knownProject($0) }
        return try store.lists.researchersDisabledByRestore(at: context.now)
            .filter { project == nil || $0.researcher.project == project }
    }

    private func ask(_ known: [StoredResearcher]) throws {
        let names = known.prefix(10).map(\.researcher.handle.description).joined(separator: ", ")
        let keys = known.reduce(0) { $0 + $1.keysInForce }
        let who = known.count == 1 ? "1 researcher" : "\(known.count) researchers"
        let what = keys == 1 ? "1 key" : "\(keys) keys"
        try Confirmation(isGiven: yes)
            .ask("switch on \(who) with \(what) (\(names)\(known.count > 10 ? ", …" : ""))?")
    }

    private func report(_ known: StoredResearcher, _ found: DisableResult, on context: AdminContext) {
        let handle = known.researcher.handle
        switch found {
        case .unknown: context.terminal.warn(UserFacingError("\(handle) is gone"))
        case .unchanged: context.terminal.note("\(handle) was not switched off")
        case .done: context.terminal.note("\(handle) is switched on")
        }
        guard let ends = known.researcher.ends, ends <= context.now else { return }
        context.terminal.warn(
            UserFacingError(
                "their stay was over on \(ExpiryParser.lastDay(before: ends)), so their keys don't work",
                hint: "admin researchers update \(handle) --until DAY"
            )
        )
    }
}
