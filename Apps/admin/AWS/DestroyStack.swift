import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import Deployment
import Reports

struct DestroyStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Delete the stack; the database's volume and the log are kept unless told otherwise.",
        discussion: #"""
            Researchers get nothing more from the moment that the roles are gone. Shows
            what is deleted and what is kept, and asks for the stack's name. Denies of
            ended sessions, which would stop AWS from deleting the role, go first.

            Examples:
              admin aws destroy
              admin aws destroy --yes --account 123456789012 --delete-volume
            """#
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackNameOption
    @Flag(help: "Delete the database's volume too, with all it holds.")
    var deleteVolume = false
    @Flag(help: "Delete the log group too, with the chain's anchors in it.")
    var deleteLogs = false
    @Flag(help: "Don't ask.")
    var yes = false

    func run() async throws {
        try await aws.run(recordingIn: shared) { account in
            let name = try stack.checked()
            let types = [
                deleteVolume ? DeletionPlan.volume : nil,
                deleteLogs ? DeletionPlan.logGroup : nil,
            ]
            let deleted = Set(types.compactMap { $0 })
            try await StopSignals.cancelling { [aws, expected, yes] in
                let deployment = try await StackDeployment(name, aws, expected, account)
                try await deployment.destroy(alsoDeleting: deleted) { plan in
                    try await deployment.approve(plan, Confirmation(isGiven: yes))
                }
            }
        }
    }
}

extension StackDeployment {
    /// Shows a deletion plan on standard error, and asks for the stack's name.
    fileprivate func approve(_ plan: DeletionPlan?, _ confirmation: Confirmation) async throws {
        if let plan { try terminal.report(plan.rows) }
        let question =
            plan == nil
            ? "delete the stack \(name), which has no resources yet?" : "delete the stack \(name) in \(place) for good?"
        try await Prompt.wait { [name] in try confirmation.ask(question, typing: name) }
    }
}

extension DeletionPlan.Row: TableRow {
    static let columns: [Table.Column] = [
        .init("resource"), .init("what becomes of it"), .init("type"), .init("id", isElastic: true),
    ]

    var cells: [String] { [resource, disposition.rawValue, type, id ?? ""] }
}
