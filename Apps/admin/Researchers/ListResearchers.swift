import ArgumentParser
import BursarCore
import Console
import Storage
import Vending

struct ListResearchers: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the researchers.")

    @OptionGroup var shared: SharedOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { desk in
            let rows = try desk.store().researchers().map(Row.init)
            try Listing(rows: rows, whenEmpty: "no researchers yet: admin researchers add HANDLE …")
                .print(as: format, on: desk.terminal)
        }
    }

    private struct Row: Listed {
        static let columns: [Table.Column] = [.init("researcher"), .init("name"), .init("email"), .init("project")]

        let researcher: String
        let name: String
        let email: String
        let project: String

        init(_ researcher: Researcher) {
            self.researcher = researcher.handle.description
            name = researcher.name
            email = researcher.email
            project = researcher.project
        }

        var cells: [String] { [researcher, name, email, project] }
    }
}
