import AWSAuth
import BursarCore
import Console
import ServerSettings
import Storage

/// Ends what was handed out for keys, after they were revoked.
struct KeySessionEnding {
    let desk: Desk
    let store: Store
    let keys: [ListedKey]
    let sessionRoles: SessionRoles

    /// Looks first whether AWS will take it, so that nobody learns half-way that they may not.
    func run(_ aws: AWSOptions, revoke: () throws -> Void) async throws {
        let view = try ServerView(desk)
        let roles = try sessionRoles.roles(view)
        view.tellAssumptions(on: desk.terminal)
        let targets = targets(view)
        guard !roles.isEmpty else {
            try revoke()
            return desk.terminal.note("the server simulates credentials, which AWS doesn't know: nothing to end there")
        }
        try await desk.inAWS(aws) { account in
            let ending = try await SessionEnding(desk, store, view, on: roles, in: account)
            _ = try await ending.read(roles, for: targets, in: account)
            if !view.role.tagsSessions {
                desk.terminal.note(
                    "sessions carry no tag of their key (\(Setting.sessionTags.environmentName)): all sessions of "
                        + targets.map(\.handle.description).joined(separator: ", ") + " will end"
                )
            }
            try revoke()
            try await ending.run(targets, on: roles, in: account)
        }
    }

    /// By researcher: those keys alone where sessions say which key they are of, else all that the researcher has.
    private func targets(_ view: ServerView) -> [SessionEnding.Target] {
        let all = Dictionary(grouping: keys) { $0.researcher }
        return all.sorted { $0.key < $1.key }.compactMap { name, keys in
            Handle(name).map { SessionEnding.Target(handle: $0, keys: view.role.tagsSessions ? keys.map(\.id) : nil) }
        }
    }
}
