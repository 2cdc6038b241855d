import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
import ServerSettings
import Storage
import Vending

struct PrintSessionPolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "What the server sends to narrow a key's sessions below what the role may do.",
        discussion: """
            For a key as it is, or for models and addresses that are given.

            Examples:
              admin policy session --key 7c3kq9x2mzpa
              admin policy session --models 'anthropic.claude-*' --ip 203.0.113.0/24
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("The key's id.", valueName: "id"), completion: .keyIDs)
    var key: String?
    @Option(help: ArgumentHelp("Models that may be invoked, as anthropic.claude-*.", valueName: "pattern"))
    var models: [String] = []
    @Option(help: ArgumentHelp("Addresses that AWS takes requests from.", valueName: "cidr"))
    var ip: [String] = []
    @Option(help: ArgumentHelp("From when on everything is denied.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("aws, aws-us-gov, aws-cn or aws-eusc; else the region's.", valueName: "name"))
    var partition: String?

    func validate() throws {
        guard key == nil || (models.isEmpty && ip.isEmpty && until == nil) else {
            throw ValidationError("--key has its own models, addresses and end")
        }
        guard key != nil || !models.isEmpty || !ip.isEmpty || until != nil else {
            throw ValidationError("give --key, or --models, --ip or --until")
        }
    }

    func run() throws {
        try shared.run { context in
            let view = try LocalServerSettings(context)
            let policy = try key.map { try self.policy(ofKey: $0, view, context) } ?? typed(context.terminal)
            guard !policy.isEmpty else {
                return context.terminal.note("none is sent: the key's sessions may do what the role may")
            }
            let document = policy.policy(try partition(view))
            let size = try document.size()
            guard size <= SessionPolicy.longest else {
                throw UserFacingError(
                    "the session policy has \(size) characters; AWS takes \(SessionPolicy.longest)",
                    hint: "name fewer models and addresses, or wider ones"
                )
            }
            try context.terminal.print(try document.pretty())
            context.terminal.note(
                "\(size) of \(SessionPolicy.longest) characters, as it is sent; AWS also limits a packed size"
            )
        }
    }

    private func policy(ofKey text: String, _ view: LocalServerSettings, _ context: AdminContext) throws
        -> SessionPolicy
    {
        let unknown = UserFacingError(
            "there is no key \"\(text.prefix(KeyID.length))\"",
            hint: "admin keys list shows them"
        )
        guard let id = KeyID(text) else { throw unknown }
        let day = UTCDay(containing: context.now)
        guard let standing = try context.store().lists.keyStanding(of: id, on: day) else { throw unknown }
        guard let record = try? standing.key.record() else {
            throw UserFacingError(
                "the key's row makes no sense",
                hint: "the database was edited by hand: admin audit verify"
            )
        }
        let length = SessionLength(for: record, standard: view.terms.sessionDuration, at: context.now)
        let policy = view.role.sessionPolicy(
            models: record.terms.models,
            allowed: record.terms.allowed,
            end: length.notAfter
        )
        if record.terms.allowed != nil, policy.addresses == nil {
            let setting = Setting.pinAddresses.environmentName
            let reason =
                view.role.pinsAddresses ? "AWS never sees all of them" : "\(setting)=yes has AWS check them too"
            context.terminal.note("the key's addresses are checked by the server alone: \(reason)")
        }
        return policy
    }

    private func typed(_ terminal: Terminal) throws(UserFacingError) -> SessionPolicy {
        var policy = SessionPolicy()
        if !models.isEmpty { policy.models = try ModelsParser(models).read { terminal.warn($0) } }
        if !ip.isEmpty {
            let list = try PolicyOptions.addresses(ip)
            if let block = list.blocks.first(where: { !$0.isPublic }) {
                terminal.warn(UserFacingError("AWS never sees \(block): it is not an address of the internet"))
            }
            policy.addresses = list
        }
        if let until { policy.end = try TimeOption.start(until, "--until") }
        return policy
    }

    private func partition(_ view: LocalServerSettings) throws(UserFacingError) -> Partition {
        try partition.map { (name) throws(UserFacingError) in try Partition.reading(name, .option("--partition")) }
            ?? view.partition
    }
}
