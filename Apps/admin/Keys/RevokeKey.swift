import ArgumentParser
import BursarCore
import Console
import Storage

struct RevokeKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Stop a key for good; running servers refuse it within a second.",
        discussion: """
            Credentials that were handed out already live to their end, which is printed.

            Example:
              admin keys revoke 7c3kq9x2mzpa --reason "laptop stolen"
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The key's id, as `admin keys list` shows it.")
    var id: String
    @Option(help: "Why, for the key's own row.")
    var reason: String
    @Flag(help: "Don't ask.")
    var yes = false

    func run() throws {
        try shared.run { desk in
            let unknown = Problem("there is no key \"\(printableID)\"", hint: "admin keys list shows them")
            guard let key = KeyID(id) else { throw unknown }
            guard !reason.trimmingASCIIWhitespace().isEmpty, reason.utf8.count <= 512 else {
                throw Problem("--reason is empty or longer than 512 bytes")
            }
            let store = try desk.store()
            try Confirmation(isGiven: yes).ask("revoke key \(key) for good?")
            switch try store.revokeKey(key, reason: reason, by: desk.act) {
            case .unknown:
                throw unknown
            case .alreadyRevoked(let date):
                desk.terminal.note("key \(key) was revoked already, at \(Timestamp.string(date))")
            case .revoked(let researcher, let liveUntil):
                desk.terminal.note("revoked key \(key) of \(researcher)")
                desk.terminal.note(
                    liveUntil.map { "credentials it was given work until \(Timestamp.string($0))" }
                        ?? "no credentials it was given are alive"
                )
            }
        }
    }

    /// The id as it may be repeated on a screen: a whole key pasted here must not be.
    private var printableID: String {
        id.utf8.count > 24 ? "\(id.prefix(7))…" : id
    }
}
