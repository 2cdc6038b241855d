import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct IssueCanary: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canary",
        abstract: "Make a key that never vends, and raises an alarm when it is tried.",
        discussion: """
            Put it where only a thief looks: an old backup, a private repository, a note
            in a password manager. Whoever presents it is answered as for any wrong key.
            The server logs `canary used` as an error, counts bursar_canary_uses_total,
            and puts key and address on record; `admin doctor` shows it.

            Example:
              admin keys canary ada --label "in the backup of 2026" --key-file decoy.key
            """
    )

    /// Canaries never expire; the column is NOT NULL, so this uses 100 years.
    private static let lifetime = TimeInterval(100 * 365 * 86_400)

    @OptionGroup var shared: SharedOptions
    @Argument(help: "Whose key it seems to be; the alarm names them.", completion: .handles)
    var handle: String
    @Option(help: "Where it is put, shown in lists and never to its finder.")
    var label: String
    @OptionGroup(title: "How it is handed over") var delivery: KeyDelivery

    func run() throws {
        try shared.run(onFaultySettings: .reportedAtTheEnd) { context in
            let label = try KeyLabel.read(label, .option("--label"))
            let store = try context.store()
            let handle = try store.knownResearcher(handle, at: context.now).researcher.handle
            let key = try store.newKey(of: handle)
            let end = context.now.addingTimeInterval(Self.lifetime)
            let draft = KeyDelivery.Draft(
                key: key,
                researcher: handle.description,
                label: label,
                ends: end,
                stay: nil,
                setup: nil
            )
            try delivery.issue(draft, to: handle, isCanary: true, in: store, on: context)
            delivery.note("canary \(key.id) in the name of \(handle); it never vends", on: context.terminal)
            delivery.note("put it where only a thief looks; it is not shown again", on: context.terminal)
        }
    }
}
