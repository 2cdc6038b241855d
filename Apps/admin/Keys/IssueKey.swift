import ArgumentParser
import BursarCore
import Console
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
    @OptionGroup(title: "What it allows") var terms: TermsOptions
    @OptionGroup(title: "How it is handed over") var delivery: KeyDelivery

    func run() throws {
        try shared.run { desk in
            let end = try KeyEnd(desk).ofNewKey(expires, .option("--expires"))
            let label = try given(label) { text throws(Problem) in try KeyLabel.read(text, .option("--label")) }
            let terms = try terms.terms { desk.terminal.warn($0) }
            try terms.checkPolicySize()
            let store = try desk.store()
            let known = try store.knownResearcher(handle, at: desk.now)
            let handle = known.researcher.handle
            var random = SystemRandomNumberGenerator()
            let key = ResearcherKey(using: &random)
            let setup = try SetupLines(desk.reader)
            let draft = KeyDelivery.Draft(
                key: key,
                researcher: handle.description,
                label: label,
                ends: end,
                stay: known.researcher.ends,
                setup: setup
            )
            try delivery.deliver(draft, on: desk) { hash in
                let new = NewKey(
                    id: key.id,
                    hash: hash,
                    researcher: handle,
                    label: label,
                    expires: end,
                    terms: terms
                )
                guard try store.add(new, by: desk.act) != nil else { throw Problem("\(handle) is gone") }
            }
            delivery.note(draft.news, on: desk.terminal)
            delivery.note(setup, on: desk.terminal)
            warn(of: known, end: end, on: desk)
        }
    }

    /// A key that won't work as long as it says.
    private func warn(of listed: ListedResearcher, end: Date, on desk: Desk) {
        let handle = listed.researcher.handle
        switch listed.state(at: desk.now) {
        case .disabled:
            desk.terminal.warn(
                Problem("\(handle) is switched off: the key doesn't work", hint: "admin researchers enable \(handle)")
            )
        case .ended, .active:
            guard let ends = listed.researcher.ends, ends < end else { return }
            desk.terminal.warn(
                Problem(
                    "their stay ends with \(TypedEnd.lastDay(before: ends)), and the key with it",
                    hint: "admin researchers update \(handle) --until DAY"
                )
            )
        }
    }
}
