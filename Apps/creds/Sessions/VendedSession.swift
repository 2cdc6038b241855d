import AWSAuth
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// An installed profile's session, as every command gets it: from the cache, or from the server.
///
/// What goes wrong is put into words here, and kept for `creds status`: SDKs don't always show it.
struct VendedSession: Sendable {
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

    /// The region that the environment, the profile's section or the install says; nil when none does.
    ///
    /// Config files that can't be read are no reason to fail: what `install` was told stands beside the key.
    var region: String? {
        let set = try? RegionSetting.find(environment: context.environment, profile: name.description)
        return set ?? profile.region
    }

    /// The session that is handed out now.
    func session() async throws(UserFacingError) -> CachedSession {
        try await recording { try await renewal().session() }
    }

    /// A session that was just asked for, however fresh the cached one is.
    func renewed() async throws(UserFacingError) -> SessionRenewal.Renewed {
        try await recording { try await renewal().renewed() }
    }

    /// A session that lives another `needed`, or the longest that could be had.
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

    /// The key is read, or its key command run, only when the server is asked.
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
            failed: { [self] in record(wording.problem($0)) }
        )
    }

    private func recording<Result>(_ body: () async throws -> Result) async throws(UserFacingError) -> Result {
        do {
            return try await body()
        } catch {
            let problem = wording.problem(error)
            // A run that was stopped from outside says nothing of the server.
            if !(error is CancellationError) { record(problem) }
            throw problem
        }
    }

    func record(_ problem: UserFacingError) {
        try? context.cache(profile.cacheID).recordFailure(problem, at: context.now())
    }
}
