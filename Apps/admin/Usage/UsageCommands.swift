import ArgumentParser

struct UsageCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Who used it, and how much.",
        subcommands: [UsageReport.self, UsageTop.self, UsageExport.self, UsagePrune.self]
    )
}
