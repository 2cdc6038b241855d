import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct AddResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a researcher.",
        discussion: #"""
            The handle begins the names of their sessions in AWS (HANDLE+KEYID), so
            CloudTrail and cost reports show it; one of more than \#(SessionName.longestHandle) characters is the
            whole name. The project is that of their keys, unless `keys issue` names
            another.

            Examples:
              admin researchers add ada --name "Ada Lovelace" \
                --email ada@example.edu --project engines
              admin researchers add bob --name "Bob" --email bob@example.edu \
                --project engines --until 2027-06-30
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "2 to 64 letters, digits and _ + = , . @ -")
    var handle: String
    @Option(help: "Their name, for reports.")
    var name: String
    @Option(help: "Where they are reached.")
    var email: String
    @Option(help: "What the use of their keys is accounted to.", completion: .projects)
    var project: String
    @Option(help: "Who answers for them.")
    var sponsor: String?
    @Option(help: "Anything to remember, shown by `show`.")
    var note: String?
    @Option(help: ArgumentHelp("Last day of their stay (UTC); all their keys end with it.", valueName: "day"))
    var until: String?

    func run() throws {
        try shared.run { context in
            let researcher = try researcher(at: context.now)
            let store = try context.store()
            guard try store.administration.add(researcher, by: context.act) else {
                guard try store.lists.researcher(researcher.handle, at: context.now) != nil else {
                    throw UserFacingError(
                        "\"\(handle)\" is the name of the sessions of another researcher's key",
                        hint: "choose another handle"
                    )
                }
                throw UserFacingError(
                    "there is a researcher \"\(handle)\" already",
                    hint: "choose another handle; upper and lower case count as the same"
                )
            }
            context.terminal.note("added \(handle)")
            context.terminal.note("next: admin keys issue \(handle)")
        }
    }

    private func researcher(at now: Date) throws(UserFacingError) -> Researcher {
        Researcher(
            handle: try ResearcherFields.handle(handle),
            name: try ResearcherFields.line(name, .option("--name")),
            email: try ResearcherFields.email(email, .option("--email")),
            project: try ResearcherFields.line(project, .option("--project")),
            sponsor: try given(sponsor) { text throws(UserFacingError) in
                try ResearcherFields.sponsor(text, .option("--sponsor"))
            },
            note: try given(note) { text throws(UserFacingError) in try ResearcherFields.note(text, .option("--note"))
            },
            ends: try given(until) { text throws(UserFacingError) in
                try ExpiryParser.day(text, .option("--until"), from: now)
            }
        )
    }
}
