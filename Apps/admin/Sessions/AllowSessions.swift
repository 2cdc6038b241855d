import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment
import Storage
import Vending

struct AllowSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow",
        abstract: "Take the policy away that ended a researcher's sessions.",
        discussion: """
            What of them still lives works again, wherever it is kept. The server goes on
            handing out new ones only. Nobody needs this for new sessions: those are not
            denied.

            Examples:
              admin sessions allow ada
              admin sessions allow ada --yes
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Flag(help: "Don't ask.")
    var yes = false
    @OptionGroup(title: "Which roles") var sessionRoles: SessionRoles
    @OptionGroup(title: "AWS") var aws: AWSOptions

    func run() async throws {
        try await shared.runWaiting { context in
            let store = try context.store()
            let handle = try store.knownResearcher(handle, at: context.now).researcher.handle
            let roles = try sessionRoles.roles(SessionSettings(context), on: context.terminal)
            try await context.inAWS(aws) { account in
                let identity = try await account.introduce()
                var found: [RoleDenies] = []
                for name in roles {
                    try name.check(identity)
                    let role = try await RoleDenies(of: name, in: account)
                    let policy = SessionRevocationPolicy.prefix + handle.description
                    guard !role.foreign.contains(policy) else { throw RoleDenies.foreign(policy, name) }
                    if role.end(of: handle) != nil { found.append(role) }
                }
                guard !found.isEmpty else { return context.terminal.note("no sessions of \(handle) are denied") }
                let names = found.map(\.role.name).joined(separator: ", ")
                try Confirmation(isGiven: yes).ask("let ended sessions of \(handle) work again, on \(names)?")
                try store.administration.recordSessionsAllowed(handle.description, by: context.act)
                do {
                    for role in found {
                        guard let end = role.end(of: handle) else { continue }
                        _ = try await role.delete(end.policyName, in: account)
                        context.terminal.note("removed \(end.policyName) from role \(role.role.name)")
                    }
                } catch {
                    context.terminal.note(
                        "it is on record, but AWS may still deny them; the same command again goes on"
                    )
                    throw error
                }
            }
        }
    }
}
