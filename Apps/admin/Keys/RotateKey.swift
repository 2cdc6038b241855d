import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct RotateKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new key with the terms of an old one, which ends soon.",
        discussion: """
            Both work while they overlap, so that the researcher can change over. The new
            key is of the same project, and lives as long as the old one was meant to,
            unless --expires says otherwise.

            Examples:
              admin keys rotate 7c3kq9x2mzpa
              admin keys rotate 7c3k --overlap 24h --key-file ada.key
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The old key's id.", completion: .keyIDs)
    var id: String
    @Option(help: "How long the old key goes on working: 7d, 24h; 0 ends it at once.")
    var overlap = "7d"
    @Option(help: ArgumentHelp("How long the new key works, or its last day (UTC).", valueName: "end"))
    var expires: String?
    @OptionGroup(title: "How it is handed over") var delivery: KeyDelivery

    func run() throws {
        try shared.run { context in
            let span = try DurationParser.read(overlap, .option("--overlap"), hint: "write it as 7d or 24h")
            let ends = try context.keyExpiry()
            let asked = try given(expires) { text throws(UserFacingError) in
                try ends.ofNewKey(text, .option("--expires"))
            }
            let store = try context.store()
            let old = try store.knownKey(id)
            try Self.check(old)
            guard let handle = Handle(old.researcher) else { throw UnreadableKeyError() }
            let key = try store.newKey(of: handle)
            let end = asked ?? ends.ofReplacement(created: old.created, expires: old.expires)
            let setup = try SetupLines(context.reader)
            let draft = KeyDelivery.Draft(
                key: key,
                researcher: old.researcher,
                label: old.label,
                ends: end,
                stay: old.researcherEnds,
                setup: setup
            )
            var rotation: Rotation?
            try delivery.deliver(draft, on: context) { hash in
                rotation = try store.administration.rotate(
                    old.id,
                    to: key.id,
                    hash: hash,
                    overlap: TimeInterval(span.seconds),
                    by: context.act
                ) { key in
                    try Self.check(key)
                    return end
                }
            }
            delivery.note(draft.news, on: context.terminal)
            if let rotation {
                delivery.note(
                    "the old key \(old.id) ends at \(Timestamp.string(rotation.oldEnds))",
                    on: context.terminal
                )
            }
            delivery.note(setup, on: context.terminal)
        }
    }

    private static func check(_ key: StoredKey) throws(UserFacingError) {
        try key.refuseSelftest()
        if key.isCanary {
            throw UserFacingError("\(key.id) is a canary: it has no terms", hint: "admin keys canary makes another")
        }
        if key.revoked != nil {
            throw UserFacingError(
                "key \(key.id) was revoked",
                hint: "admin keys issue \(key.researcher) makes a new one"
            )
        }
        if let newer = key.replacedBy {
            throw UserFacingError(
                "key \(key.id) was rotated already",
                hint: "admin keys rotate \(newer) rotates the newer one"
            )
        }
    }
}
