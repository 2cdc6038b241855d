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

struct RevokeKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Stop keys for good; running servers refuse them within a second.",
        discussion: """
            All of them or none. What each was last given, and until when that works, is
            printed before it asks.

            Examples:
              admin keys revoke 7c3kq9x2mzpa --reason "laptop stolen"
              admin keys revoke 7c3k 9p2f --reason "laptop stolen" --yes
              admin keys revoke --researcher ada --reason "left the project"
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The keys' ids, as `admin keys list` shows them.")
    var id: [String] = []
    @Option(help: "All keys of this researcher.")
    var researcher: String?
    @Option(help: "Why, for the keys' own rows.")
    var reason: String
    @Flag(help: "Don't ask.")
    var yes = false

    func validate() throws {
        guard id.isEmpty != (researcher == nil) else {
            throw ValidationError("name keys, or a researcher with --researcher")
        }
    }

    func run() throws {
        try shared.run { desk in
            let reason = try ResearcherFields.line(reason, "--reason", limit: 512)
            let store = try desk.store()
            let (keys, whose) = try keys(in: store, at: desk.now)
            let open = keys.filter { $0.revoked == nil }
            for key in keys {
                guard let date = key.revoked else { continue }
                if researcher == nil {
                    desk.terminal.note("key \(key.id) was revoked already, at \(Timestamp.string(date))")
                }
            }
            guard !open.isEmpty else {
                if let whose { desk.terminal.note("\(whose) has no key that isn't revoked") }
                return
            }
            let vends = try store.lastVends(of: open)
            for key in open { desk.terminal.note(Self.line(key, vends[key.id], at: desk.now)) }
            let what = open.count == 1 ? "key \(open[0].id)" : "\(open.count) keys"
            try Confirmation(isGiven: yes).ask("revoke \(what) for good?")
            let done = try store.revoke(open.map(\.id), reason: reason, by: desk.act)
            for (key, revocation) in zip(open, done) {
                switch revocation {
                case .unknown: throw Problem("key \(key.id) is gone", hint: "nothing was revoked")
                case .alreadyRevoked(let date):
                    desk.terminal.note("key \(key.id) was revoked already, at \(Timestamp.string(date))")
                case .revoked(let researcher, _): desk.terminal.note("revoked key \(key.id) of \(researcher)")
                }
            }
            desk.terminal.note(Wording.life(of: Self.lastEnd(done)))
            desk.noteWithoutServer()
        }
    }

    private func keys(in store: Store, at date: Date) throws -> (keys: [ListedKey], whose: Handle?) {
        if let researcher {
            let handle = try store.knownResearcher(researcher, at: date).researcher.handle
            return (try store.keys(of: handle), handle)
        }
        var keys: [ListedKey] = []
        for key in try id.map({ try store.knownKey($0) }) where !keys.contains(where: { $0.id == key.id }) {
            keys.append(key)
        }
        return (keys, nil)
    }

    /// When the last of all that was handed out ends.
    private static func lastEnd(_ revocations: [Revocation]) -> Date? {
        revocations.compactMap { revocation in
            if case .revoked(_, let liveUntil) = revocation { liveUntil } else { nil }
        }
        .max()
    }

    private static func line(_ key: ListedKey, _ vend: LastVend?, at date: Date) -> String {
        let label = key.label.map { ", \($0)" } ?? ""
        let name = "\(key.id) (\(key.researcher)\(label))"
        guard let vend else { return "\(name): never used" }
        let place = vend.address.map { " to \($0)" } ?? ""
        let what = vend.accessKeyID.map { ", \($0)" } ?? ""
        let life = vend.liveUntil > date ? ", alive until \(Timestamp.string(vend.liveUntil))" : ", over by now"
        return "\(name): last vend at \(Timestamp.string(vend.date))\(place)\(what)\(life)"
    }
}
