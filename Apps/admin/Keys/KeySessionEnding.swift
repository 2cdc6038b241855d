import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Storage

/// Ends what was handed out for keys that were revoked a moment ago.
struct KeySessionEnding: Sendable {
    let context: AdminContext
    let store: Store
    let keys: [ListedKey]
    let sessionRoles: SessionRoles
    let aws: AWSOptions

    /// Ends it as far as AWS lets it.
    ///
    /// - Throws: ``UserFacingError`` that says first that the keys are revoked, then what lives and until when, and who can do
    ///   the rest.
    func run(liveUntil: Date?) async throws {
        let settings = SessionSettings(context)
        do {
            let roles = try sessionRoles.roles(settings, on: context.terminal)
            settings.tellAssumptions(on: context)
            guard !roles.isEmpty else {
                return context.terminal.note(
                    "the server simulates credentials, which AWS doesn't know: nothing to end there"
                )
            }
            if !settings.tagsSessions {
                context.terminal.note(
                    "sessions carry no tag of their key (\(Setting.sessionTags.environmentName)): all sessions of "
                        + handles.map(\.description).joined(separator: ", ") + " will end"
                )
            }
            let ending = SessionEnding(targets(byKey: settings.tagsSessions), on: roles, context, store, settings, aws)
            try await ending.deny(try await ending.drop())
        } catch {
            throw SessionEnding.remaining(
                keys.count == 1 ? "the key is revoked" : "the \(keys.count) keys are revoked",
                whose: keys.count == 1 ? "its sessions" : "their sessions",
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

    /// By researcher: those keys alone where sessions say which key they are of, else all that the researcher has.
    private func targets(byKey: Bool) -> [SessionEnding.Target] {
        let all = Dictionary(grouping: keys) { $0.researcher }
        return handles.map { handle in
            SessionEnding.Target(handle: handle, keys: byKey ? all[handle.description]?.map(\.id) : nil)
        }
    }
}
