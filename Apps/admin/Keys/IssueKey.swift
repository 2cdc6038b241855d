import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct IssueKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make a key for a researcher, and show it once.",
        discussion: """
            The key is printed on standard output, or written to a file that only you may
            read. Only its hash is kept, so it can't be shown again. What the researcher
            runs is printed with it.

            Examples:
              admin keys issue ada --label laptop
              admin keys issue ada --expires 30d --key-file ada.key
              admin keys issue ada --expires 2027-06-30 --format json
              admin keys issue ada --ip 192.0.2.0/24 --daily-limit 500 --session 4h
              admin keys issue ada --models 'anthropic.claude-*'
              admin keys issue ada --label loom-laptop --project looms
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Option(help: "What the key is for, shown in lists.")
    var label: String?
    @Option(
        help: ArgumentHelp("How long it works, 90d or 12h, or its last day (UTC). (default: 90d)", valueName: "end")
    )
    var expires: String?
    @Option(help: "What its use is accounted to; the researcher's project unless given.", completion: .projects)
    var project: String?
    @OptionGroup(title: "What it allows") var terms: RestrictionOptions
    @OptionGroup(title: "How it is handed over") var delivery: KeyDelivery

    func run() throws {
        try shared.run { context in
            let end = try context.keyExpiry().ofNewKey(expires, .option("--expires"))
            let label = try given(label) { text throws(UserFacingError) in try KeyLabel.read(text, .option("--label")) }
            let project = try given(project) { text throws(UserFacingError) in
                try ResearcherFields.line(text, .option("--project"))
            }
            let terms = try terms.terms { context.terminal.warn($0) }
            try terms.checkPolicySize()
            let store = try context.store()
            let known = try store.knownResearcher(handle, at: context.now)
            let handle = known.researcher.handle
            let isNewProject = try project.map { try !store.lists.projects(ever: true).contains($0) } ?? false
            let key = try store.newKey(of: handle)
            let setup = try SetupLines(context.reader)
            let draft = KeyDelivery.Draft(
                key: key,
                researcher: handle.description,
                label: label,
                ends: end,
                stay: known.researcher.ends,
                setup: setup
            )
            try delivery.issue(draft, to: handle, project: project, terms, in: store, on: context)
            delivery.note(draft.news, on: context.terminal)
            if let project {
                let note = isNewProject ? ", which no researcher and no key was of before" : ""
                delivery.note("its use counts for project \(project)\(note)", on: context.terminal)
            }
            delivery.note(setup, on: context.terminal)
            warn(of: known, end: end, on: context)
        }
    }

    /// Warns of a key that stops working before its own expiry.
    private func warn(of listed: StoredResearcher, end: Date, on context: AdminContext) {
        let handle = listed.researcher.handle
        switch listed.state(at: context.now) {
        case .disabled:
            context.terminal.warn(
                UserFacingError(
                    "\(handle) is switched off: the key doesn't work",
                    hint: "admin researchers enable \(handle)"
                )
            )
        case .ended, .active:
            guard let ends = listed.researcher.ends, ends < end else { return }
            context.terminal.warn(
                UserFacingError(
                    "their stay ends with \(ExpiryParser.lastDay(before: ends)), and the key with it",
                    hint: "admin researchers update \(handle) --until DAY"
                )
            )
        }
    }
}
