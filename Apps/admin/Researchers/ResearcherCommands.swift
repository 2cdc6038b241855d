import ArgumentParser

struct ResearcherCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "researchers",
        abstract: "Who may have access.",
        subcommands: [
            AddResearcher.self, ListResearchers.self, ShowResearcher.self, UpdateResearcher.self,
            DisableResearcher.self, EnableResearcher.self,
        ]
    )
}
