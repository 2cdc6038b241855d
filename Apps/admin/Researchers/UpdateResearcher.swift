import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct UpdateResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change what is known of a researcher, or when their stay ends.",
        discussion: """
            What isn't named stays. Running servers obey within a second. --project is
            that of their new keys; the keys they have stay with the project they are of,
            unless --keys moves them too. What was used before a move counts for the
            project of before.

            Examples:
              admin researchers update ada --email ada@example.org
              admin researchers update ada --until 2027-12-31
              admin researchers update ada --no-until --no-note
              admin researchers update ada --project looms --keys
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Option(help: "Their name.")
    var name: String?
    @Option(help: "Where they are reached.")
    var email: String?
    @Option(help: "What the use of their new keys is accounted to.", completion: .projects)
    var project: String?
    @Flag(help: "With --project: all their working keys are of it from now on, too.")
    var keys = false
    @Option(help: "Who answers for them.")
    var sponsor: String?
    @Flag(help: "No sponsor answers for them.")
    var noSponsor = false
    @Option(help: "Anything to remember.")
    var note: String?
    @Flag(help: "Nothing to remember.")
    var noNote = false
    @Option(help: ArgumentHelp("Last day of their stay (UTC).", valueName: "day"))
    var until: String?
    @Flag(help: "Their stay has no end.")
    var noUntil = false

    func validate() throws {
        for (isSet, isCleared, option) in [
            (sponsor != nil, noSponsor, "sponsor"), (note != nil, noNote, "note"), (until != nil, noUntil, "until"),
        ] where isSet && isCleared {
            throw ValidationError("--\(option) and --no-\(option) contradict each other")
        }
        let given = [name, email, project, sponsor, note, until].contains { $0 != nil }
        guard project != nil || !keys else { throw ValidationError("--keys goes with --project") }
        guard given || noSponsor || noNote || noUntil else { throw ValidationError("name something to change") }
    }

    func run() throws {
        try shared.run { context in
            let change = try change(at: context.now)
            let store = try context.store()
            let known = try store.knownResearcher(handle, at: context.now).researcher.handle
            guard let updated = try store.administration.update(known, change, by: context.act) else {
                throw UserFacingError("\(known) is gone")
            }
            context.terminal.note("changed \(updated.handle): \(change.summary)")
            if let project = change.project { Self.note(updated, project, on: context.terminal) }
        }
    }

    /// Prints which keys are of the new project, and how the others get there.
    private static func note(_ updated: UpdatedResearcher, _ project: String, on terminal: Terminal) {
        if !updated.movedKeys.isEmpty {
            let ids = updated.movedKeys.map(\.description).joined(separator: ", ")
            let which = updated.movedKeys.count == 1 ? "key" : "keys"
            terminal.note("\(which) \(ids): project \(project) from now on; what was used before stays where it was")
        }
        guard updated.otherKeys > 0 else { return }
        let which =
            updated.otherKeys == 1
            ? "1 working key is of another project, and stays so"
            : "\(updated.otherKeys) working keys are of other projects, and stay so"
        terminal.note(
            "\(which): admin researchers update \(updated.handle) "
                + "--project \(ShellWord.quoted(project)) --keys moves all, admin keys update KEY --project one"
        )
    }

    private func change(at now: Date) throws(UserFacingError) -> ResearcherChange {
        var change = ResearcherChange()
        change.name = try given(name) { text throws(UserFacingError) in
            try ResearcherFields.line(text, .option("--name"))
        }
        change.email = try given(email) { text throws(UserFacingError) in
            try ResearcherFields.email(text, .option("--email"))
        }
        change.project = try given(project) { text throws(UserFacingError) in
            try ResearcherFields.line(text, .option("--project"))
        }
        change.movesKeys = keys
        let sponsor = try given(sponsor) { text throws(UserFacingError) in
            try ResearcherFields.sponsor(text, .option("--sponsor"))
        }
        change.sponsor = noSponsor ? .clear : FieldUpdate(sponsor)
        let note = try given(note) { text throws(UserFacingError) in try ResearcherFields.note(text, .option("--note"))
        }
        change.note = noNote ? .clear : FieldUpdate(note)
        let end = try given(until) { text throws(UserFacingError) in
            try ExpiryParser.day(text, .option("--until"), from: now)
        }
        change.ends = noUntil ? .clear : FieldUpdate(end)
        return change
    }
}
