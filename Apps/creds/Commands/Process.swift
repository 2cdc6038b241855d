import ArgumentParser
import BursarCore
import Console

/// The `credential_process`: stdout is JSON or nothing.
struct Process: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print credentials for an SDK (what credential_process runs).",
        discussion: "Answers from the cache while the session lives, else asks the server; never longer than 10 s."
    )

    @OptionGroup var profile: ProfileOption

    func run(_ context: Context) async throws {
        let stored: StoredProfile?
        do {
            stored = try context.profiles().load(profile.name)
        } catch {
            throw Wording(profile: profile.name).problem(error)
        }
        guard let stored else { throw Wording(profile: profile.name).notInstalled }
        let output: Secret<String>
        do {
            output = try await SessionRenewal(profile: stored, context).output()
        } catch {
            let problem = Wording(profile: profile.name, server: stored.server).problem(error)
            try? context.cache(stored.cacheID).recordFailure(problem, at: context.now())
            throw problem
        }
        try context.terminal.print(output.reveal())
    }
}

extension SessionRenewal {
    /// The renewal of an installed profile: its key is read, or its key command run, only when the server is asked.
    init(profile: StoredProfile, _ context: Context) throws {
        let fetch = PersistentFetch(server: profile.server, transport: context.transport)
        self.init(cache: try context.cache(profile.cacheID), now: context.now) { limit in
            let clock = ContinuousClock()
            let deadline = clock.now.advanced(by: limit)
            let key = try await profile.key.key(within: limit)
            return try await fetch.credentials(key: key.text, within: clock.now.duration(to: deadline))
        }
    }
}
