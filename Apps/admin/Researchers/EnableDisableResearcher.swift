import ArgumentParser
import BursarConsole
import BursarModel
import Enrollment
import Storage
import Vending

struct DisableResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Switch a researcher off with all their keys, or a project; `enable` undoes it.",
        discussion: """
            Running servers refuse their keys within a second. Credentials that were
            handed out already live to their end, which is printed.

            --project ends a project, as at the end of a term: researchers all of whose
            working keys are of it are switched off; those with keys of other projects go
            on with these, and their keys of this one are revoked, for good. Who is which
            is printed before it asks; all of it is done, or nothing.

            Examples:
              admin researchers disable ada --reason "on leave"
              admin researchers disable --project course-2026 --reason "end of term"
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String?
    @Option(help: "All that this project has, instead.", completion: .projects)
    var project: String?
    @Option(help: "Why, for their own rows.")
    var reason: String?
    @Flag(help: "Don't ask.")
    var yes = false

    func validate() throws {
        guard (handle == nil) != (project == nil) else {
            throw ValidationError("name a researcher, or a project with --project")
        }
    }

    func run() throws {
        try shared.run(onFaultySettings: .reportedAtTheEnd) { context in
            let reason = try given(reason) { text throws(UserFacingError) in
                try ResearcherFields.line(text, .option("--reason"), limit: 512)
            }
            let store = try context.store()
            if let project { return try end(try store.knownProject(project), reason, in: store, on: context) }
            let known = try store.knownResearcher(handle ?? "", at: context.now)
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

    private func end(_ project: String, _ reason: String?, in store: Store, on context: AdminContext) throws {
        let end = try store.lists.end(of: project, at: context.now)
        guard !end.isOver else {
            return context.terminal.note(
                "project \(project) has no key that works and no researcher to be switched off"
            )
        }
        for member in end.members { context.terminal.note(Self.line(member)) }
        let parts = [
            end.leaving.isEmpty ? nil : "switch off \(Self.count(end.leaving.count, "researcher"))",
            end.goingOn.isEmpty
                ? nil : "revoke \(Self.count(end.goingOn.reduce(0) { $0 + $1.keys.count }, "key")) of others for good",
        ]
        let what = parts.compactMap(\.self).joined(separator: ", and ")
        try Confirmation(isGiven: yes).ask("end project \(project): \(what)?")
        do {
            let liveUntil = try store.administration.carryOut(
                end,
                reason: reason ?? "project \(project) ended",
                by: context.act
            )
            report(end, on: context)
            context.terminal.note(HandedOutCredentials.lifetime(until: liveUntil))
            context.noteWithoutServer()
        } catch is ProjectChangedError {
            throw UserFacingError(
                "the researchers or keys of project \(project) have changed meanwhile: nothing was done",
                hint: "run the same command again"
            )
        }
    }

    private func report(_ end: ProjectEnd, on context: AdminContext) {
        if !end.leaving.isEmpty {
            let handles = end.leaving.map(\.researcher.description).joined(separator: ", ")
            context.terminal.note("switched off \(handles)")
        }
        for member in end.goingOn {
            let ids = member.keys.map(\.description).joined(separator: ", ")
            context.terminal.note("revoked \(ids) of \(member.researcher), who goes on with \(member.otherKeys) more")
        }
        for member in end.goingOn where member.isOwnProject {
            context.terminal.note(
                "new keys of \(member.researcher) would still be of \(end.project): "
                    + "admin researchers update \(member.researcher) --project PROJECT"
            )
        }
    }

    /// The fate of a member, for the list before the prompt.
    private static func line(_ member: ProjectEnd.Member) -> String {
        let name = "\(member.researcher) (\(member.name))"
        let keys = count(member.keys.count, "key")
        if member.goesOn {
            let ids = member.keys.map(\.description).joined(separator: ", ")
            return "\(name): \(ids) to be revoked; goes on with \(count(member.otherKeys, "key")) of other projects"
        }
        return member.isDisabled
            ? "\(name): switched off already, with \(keys)" : "\(name): to be switched off, with \(keys)"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
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
