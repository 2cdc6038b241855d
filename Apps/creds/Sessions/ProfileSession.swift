import AWSAuth
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// An installed profile's session, from the cache or the server, as all commands get it.
///
/// Errors are turned into messages here, and recorded for `creds status`, since SDKs don't always show them.
struct ProfileSession: Sendable {
    let name: ProfileName
    let profile: StoredProfile
    private let context: CredsContext

    init(_ name: ProfileName, _ context: CredsContext) throws(UserFacingError) {
        let stored: StoredProfile?
        do {
            stored = try context.profiles().load(name)
        } catch {
            throw CredsErrorMessages(profile: name).problem(error)
        }
        guard let stored else { throw CredsErrorMessages(profile: name).notInstalled }
        self.name = name
        profile = stored
        self.context = context
    }

    /// The region of the environment, the profile's section or the install; nil if none is set.
    ///
    /// Unreadable config files are not an error: the region given to `install` is stored with the key.
    var region: String? {
        let set = try? RegionSetting.find(environment: context.environment, profile: name.description)
        return set ?? profile.region
    }

    /// The session to use now.
    func session() async throws(UserFacingError) -> CachedSession {
        try await recording { try await renewal().session() }
    }

    /// A session just fetched from the server, however fresh the cached one is.
    func renewed() async throws(UserFacingError) -> SessionRenewal.Renewed {
        try await recording { try await renewal().renewed() }
    }

    /// A session that lives another `needed`, or the longest available.
    func session(lasting needed: TimeSpan) async throws(UserFacingError) -> CachedSession {
        try await recording { try await renewal(minLeft: needed).session(lasting: TimeInterval(needed.seconds)) }
    }

    func cache() throws(UserFacingError) -> SessionCache {
        do {
            return try context.cache(profile.cacheID)
        } catch {
            throw wording.problem(error)
        }
    }

    var wording: CredsErrorMessages { CredsErrorMessages(profile: name, server: profile.server) }

    /// Creates a renewal that reads the key, or runs its key command, only when the server is asked.
    func renewal(minLeft: TimeSpan? = nil) throws -> SessionRenewal {
        let fetch = RetryingClient(server: profile.server, transport: context.transport)
        return SessionRenewal(
            cache: try context.cache(profile.cacheID),
            now: context.now,
            fetch: { [profile] limit in
                let clock = ContinuousClock()
                let deadline = clock.now.advanced(by: limit)
                let key = try await profile.key.key(within: limit)
                let left = clock.now.duration(to: deadline)
                return try await fetch.credentials(key: key.text, minLeft: minLeft, within: left)
            },
            failed: { [self] in recorded($0) }
        )
    }

    private func recording<Result>(_ body: () async throws -> Result) async throws(UserFacingError) -> Result {
        do {
            return try await body()
        } catch {
            throw recorded(error)
        }
    }

    /// The message of an error, which is recorded for `creds status`.
    ///
    /// A cancellation is not recorded: it gives no information about the server.
    @discardableResult
    func recorded(_ error: any Error) -> UserFacingError {
        let problem = wording.problem(error)
        if !(error is CancellationError) {
            try? context.cache(profile.cacheID).recordFailure(problem, at: context.now())
        }
        return problem
    }
}
