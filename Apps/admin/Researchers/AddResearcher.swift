import ArgumentParser
import BursarCore
import Console
import Storage
import Vending

struct AddResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a researcher.",
        discussion: """
            The handle becomes the session's name in AWS, so CloudTrail and cost reports show it.

            Example:
              admin researchers add ada --name "Ada Lovelace" --email ada@example.edu --project engines
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "2 to 64 letters, digits and _ + = , . @ -")
    var handle: String
    @Option(help: "Their name, for reports.")
    var name: String
    @Option(help: "Where they are reached.")
    var email: String
    @Option(help: "What their use is accounted to.")
    var project: String

    func run() throws {
        try shared.run { desk in
            let researcher = try researcher()
            guard try desk.store().add(researcher, by: desk.act) else {
                throw Problem(
                    "there is a researcher \"\(handle)\" already",
                    hint: "choose another handle; upper and lower case count as the same"
                )
            }
            desk.terminal.note("added \(handle)")
            desk.terminal.note("next: admin keys issue \(handle)")
        }
    }

    private func researcher() throws(Problem) -> Researcher {
        guard let handle = Handle(handle) else {
            throw Problem(
                "\"\(handle)\" can't be a handle: AWS would refuse it as a session name",
                hint: "use 2 to 64 letters, digits and _ + = , . @ -"
            )
        }
        for (value, option) in [(name, "--name"), (email, "--email"), (project, "--project")] {
            guard !value.trimmingASCIIWhitespace().isEmpty, value.utf8.count <= 256 else {
                throw Problem("\(option) is empty or longer than 256 bytes")
            }
        }
        let sides = email.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }), !email.contains(" ") else {
            throw Problem("\"\(email)\" is not an e-mail address", hint: "it looks like ada@example.edu")
        }
        return Researcher(handle: handle, name: name, email: email, project: project)
    }
}
