import ArgumentParser
import BursarConsole
import BursarFiles
import SystemPackage

/// Uninstalls a profile.
struct Uninstall: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a profile away: its section, key and cache.",
        discussion: """
              creds uninstall
              creds uninstall --profile other --yes

            Takes out of ~/.aws/config what install put there, and nothing else.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Flag(help: "Don't ask.")
    var yes = false

    func run(_ context: CredsContext) async throws {
        do {
            try await uninstall(context)
        } catch {
            throw CredsErrorMessages(profile: profile.name).problem(error)
        }
    }

    private func uninstall(_ context: CredsContext) async throws {
        let store = try context.profiles()
        guard try store.load(profile.name) != nil else {
            // A run that was killed may have got this far and left the lock.
            if (try? store.folder.stat()) != nil { try? await store.whileLocked {} }
            throw notInstalled
        }
        try Confirmation(isGiven: yes).ask("take away profile \(profile.name) and its key?")
        let stored = try await store.whileLocked {
            // The prompt may have waited for minutes, so the profile is read again.
            let stored = try installed(in: store)
            let cache = try context.cache(stored.cacheID)
            let files = [stored.config?.file, stored.taken?.file].compactMap { $0.map { FilePath($0) } }
            AbandonedCopies.remove(besides: files, store, at: context.now())
            cache.removeAbandoned(at: context.now())
            let outcome = try Removal(name: profile.name, profile: stored, store: store, cache: cache).run()
            report(outcome.config, stored.config?.file ?? "~/.aws/config", context)
            report(outcome.putBack, context)
            return stored
        }
        for folder in stored.folders ?? [] { PrivateFolder.removeIfEmpty(FilePath(folder)) }
    }

    private func installed(in store: ProfileStore) throws -> StoredProfile {
        guard let stored = try store.load(profile.name) else { throw notInstalled }
        return stored
    }

    private var notInstalled: UserFacingError {
        UserFacingError("profile \(profile.name) is not installed", hint: "there is nothing to take away")
    }

    private func report(_ outcome: Removal.Outcome, _ file: String, _ context: CredsContext) {
        switch outcome {
        case .restored:
            context.terminal.note("profile \(profile.name) is gone, and \(file) is as it was")
        case .removed(let isEmpty, let backup):
            let rest = isEmpty ? "\(file) held nothing else" : "the rest of \(file) stays as it is"
            context.terminal.note("profile \(profile.name) is gone; \(rest)")
            if let backup { context.terminal.note("a copy from before an install is still there: \(backup)") }
        case .partly:
            context.terminal.warn(
                UserFacingError(
                    "profile \(profile.name) is gone, but its section in \(file) was edited since: "
                        + "what isn't from creds is still there",
                    hint: "delete what you don't need of it"
                )
            )
        case .nothingFound:
            context.terminal.note("profile \(profile.name) is gone; \(file) had nothing of it, and stays as it is")
        }
    }

    private func report(_ putBack: Removal.PutBack, _ context: CredsContext) {
        switch putBack {
        case .none: break
        case .done(let file, let isWhole, let backup):
            let state = isWhole ? ", and the file is as it was" : ""
            context.terminal.note("the older helper's entry [\(profile.name)] is back in \(file)\(state)")
            if let backup { context.terminal.note("a copy from before an install is still there: \(backup)") }
        case .taken(let file):
            context.terminal.note("\(file) has an entry [\(profile.name)] again, and stays as it is")
        }
    }
}
