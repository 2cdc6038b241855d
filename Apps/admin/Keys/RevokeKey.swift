import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import ServerSettings
import Storage
import Vending

struct RevokeKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Stop keys for good; running servers refuse them within a second.",
        discussion: """
            All of them or none. What each was last given, and until when that works, is
            printed before it asks. --end-sessions ends that too, as `sessions end` does:
            of these keys alone, whose sessions are named HANDLE+KEYID. Where sessions are
            named by the handle alone (BURSAR_SESSION_NAME, or a handle of more than
            \(SessionName.longestHandle) characters), their tags tell keys apart (BURSAR_SESSION_TAGS); without
            those all sessions of the researchers end. The keys are revoked first;
            whatever AWS then refuses, they stay so, and it says who can do the rest, and
            with what.

            Examples:
              admin keys revoke 7c3kq9x2mzpa --reason "laptop stolen"
              admin keys revoke 7c3k 9p2f --reason "laptop stolen" --yes
              admin keys revoke --researcher ada --reason "left the project"
              admin keys revoke 7c3kq9x2mzpa --reason "on a public page" --end-sessions
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The keys' ids, as `admin keys list` shows them.", completion: .keyIDs)
    var id: [String] = []
    @Option(help: "All keys of this researcher.", completion: .handles)
    var researcher: String?
    @Option(help: "Why, for the keys' own rows.")
    var reason: String
    @Flag(help: "Also deny, in AWS, what was handed out for them.")
    var endSessions = false
    @Flag(help: "Don't ask.")
    var yes = false
    @OptionGroup(title: "With --end-sessions, which roles") var sessionRoles: SessionRoles
    @OptionGroup(title: "With --end-sessions, AWS") var aws: AWSOptions

    func validate() throws {
        guard id.isEmpty != (researcher == nil) else {
            throw ValidationError("name keys, or a researcher with --researcher")
        }
    }

    func run() async throws {
        try await shared.runWaiting(onFaultySettings: .reportedAtTheEnd) { context in
            let reason = try ResearcherFields.line(reason, .option("--reason"), limit: 512)
            let store = try context.store()
            let (keys, owner) = try keys(in: store, at: context.now)
            let open = keys.filter { $0.revoked == nil }
            let liveUntil = try report(keys, open, of: owner, in: store, on: context)
            if !open.isEmpty {
                let what = open.count == 1 ? "key \(open[0].id)" : "\(open.count) keys"
                let more = endSessions ? ", and end their sessions" : ""
                try Confirmation(isGiven: yes).ask("revoke \(what) for good\(more)?")
            } else if endSessions {
                try Confirmation(isGiven: yes).ask("end what is left of their sessions?")
            }
            // Signals are held back from here on, so that the result is always printed.
            let rest =
                endSessions
                ? KeySessionEnding(context: context, store: store, keys: keys, sessionRoles: sessionRoles, aws: aws)
                : nil
            try await StopSignals.cancelling {
                if !open.isEmpty { try Self.revoke(open, reason, in: store, on: context) }
                if let rest {
                    try await rest.run(liveUntil: liveUntil)
                } else if !open.isEmpty {
                    context.terminal.note(HandedOutCredentials.lifetime(until: liveUntil))
                }
            }
        }
    }

    /// Prints the keys' status before the prompt.
    ///
    /// - Returns: the end of the last session of these keys; nil when none lives.
    private func report(
        _ keys: [StoredKey],
        _ open: [StoredKey],
        of owner: Handle?,
        in store: Store,
        on context: AdminContext
    ) throws -> Date? {
        for key in keys {
            guard let date = key.revoked, researcher == nil else { continue }
            context.terminal.note("key \(key.id) was revoked already, at \(Timestamp.string(date))")
        }
        if open.isEmpty, let owner { context.terminal.note("\(owner) has no key that isn't revoked") }
        let vends = try store.lists.lastVends(of: keys)
        for key in open { context.terminal.note(Self.line(key, vends[key.id], at: context.now)) }
        return vends.values.map(\.liveUntil).filter { $0 > context.now }.max()
    }

    /// Revokes the keys that aren't yet revoked, and prints them.
    private static func revoke(_ open: [StoredKey], _ reason: String, in store: Store, on context: AdminContext) throws
    {
        for (key, revocation) in zip(
            open,
            try store.administration.revoke(open.map(\.id), reason: reason, by: context.act)
        ) {
            switch revocation {
            case .unknown: throw UserFacingError("key \(key.id) is gone", hint: "nothing was revoked")
            case .alreadyRevoked(let date):
                context.terminal.note("key \(key.id) was revoked already, at \(Timestamp.string(date))")
            case .revoked(let researcher, _): context.terminal.note("revoked key \(key.id) of \(researcher)")
            }
        }
        context.noteWithoutServer()
    }

    private func keys(in store: Store, at date: Date) throws -> (keys: [StoredKey], owner: Handle?) {
        if let researcher {
            let handle = try store.knownResearcher(researcher, at: date).researcher.handle
            return (try store.lists.keys(of: handle), handle)
        }
        var keys: [StoredKey] = []
        for key in try id.map({ try store.knownKey($0) }) where !keys.contains(where: { $0.id == key.id }) {
            keys.append(key)
        }
        return (keys, nil)
    }

    private static func line(_ key: StoredKey, _ vend: LastVend?, at date: Date) -> String {
        let label = key.label.map { ", \($0)" } ?? ""
        let name = "\(key.id) (\(key.researcher)\(label))"
        guard let vend else { return "\(name): never used" }
        let place = vend.address.map { " to \($0)" } ?? ""
        let what = vend.accessKeyID.map { ", \($0)" } ?? ""
        let end = vend.expires ?? vend.liveUntil
        let lifetime = end > date ? ", alive until \(Timestamp.string(end))" : ", over by now"
        // Sessions of a key differ in length: an older one may outlive the last.
        let older = max(end, date) < vend.liveUntil ? "; an older one until \(Timestamp.string(vend.liveUntil))" : ""
        return "\(name): last vend at \(Timestamp.string(vend.date))\(place)\(what)\(lifetime)\(older)"
    }
}

/// Revokes the sessions of keys that were revoked a moment ago.
struct KeySessionEnding: Sendable {
    let context: AdminContext
    let store: Store
    let keys: [StoredKey]
    let sessionRoles: SessionRoles
    let aws: AWSOptions

    /// Revokes the sessions as far as AWS permits.
    ///
    /// - Throws: ``UserFacingError`` that states that the keys are revoked, which sessions live until when, and how to
    ///   finish.
    func run(liveUntil: Date?) async throws {
        let settings = SessionSettings(context)
        do {
            let roles = try sessionRoles.roles(settings, on: context.terminal)
            settings.noteAssumptions(on: context)
            guard !roles.isEmpty else {
                return context.terminal.note(
                    "the server simulates credentials, which AWS doesn't know: nothing to end there"
                )
            }
            let targets = targets(settings)
            let whole = targets.filter { $0.keys == nil }.map(\.handle.description)
            if !whole.isEmpty {
                context.terminal.note(
                    "neither names (\(Setting.sessionName.environmentName)) nor tags of sessions "
                        + "(\(Setting.sessionTags.environmentName)) tell keys apart: all sessions of "
                        + whole.joined(separator: ", ") + " will end"
                )
            }
            let ending = SessionEnding(targets, on: roles, context, store, settings, aws)
            try await ending.deny(try await ending.drop())
        } catch {
            throw SessionEnding.remaining(
                keys.count == 1 ? "the key is revoked" : "the \(keys.count) keys are revoked",
                subject: keys.count == 1 ? "its sessions" : "their sessions",
                until: liveUntil,
                error,
                SessionEnding.Handover(handles, sessionRoles, settings, context),
                on: context,
                profile: aws.awsProfile
            )
        }
    }

    private var handles: [Handle] {
        Set(keys.map(\.researcher)).sorted().compactMap { Handle($0) }
    }

    /// Returns the targets by researcher: the sessions of those keys where their names or their tags have the key's id,
    /// else all of the researcher's.
    private func targets(_ settings: SessionSettings) -> [SessionEnding.Target] {
        let all = Dictionary(grouping: keys) { $0.researcher }
        return handles.map { handle in
            // Keys that were revoked long ago have no sessions, and would take room in the policy.
            let lately =
                all[handle.description]?.filter { $0.revoked == nil || $0.mayHaveSession(at: context.now) } ?? []
            let keys = lately.isEmpty ? all[handle.description] ?? [] : lately
            let isByName =
                settings.namesKeys
                && keys.allSatisfy { !$0.hasNamesake && SessionName(of: handle, key: $0.id) != nil }
            let isByKey = isByName || settings.tagsSessions
            return SessionEnding.Target(handle: handle, keys: isByKey ? keys.map(\.id) : nil, isByName: isByName)
        }
    }
}

/// Credentials that were vended before a key or its researcher was stopped; AWS accepts them until they expire.
enum HandedOutCredentials {
    /// Their remaining lifetime, as a sentence; `liveUntil` is nil when none is alive.
    static func lifetime(until liveUntil: Date?) -> String {
        liveUntil.map { "credentials that were handed out work until \(Timestamp.string($0))" }
            ?? "no credentials that were handed out are alive"
    }
}
