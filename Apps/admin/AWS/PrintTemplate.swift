import AWSOperations
import ArgumentParser
import BursarConsole
import Deployment

struct PrintTemplate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Print the CloudFormation template that apply sends.",
        discussion: #"""
            JSON, the same for the same options. Nothing is asked of AWS.

            Examples:
              admin aws template --region eu-central-1 > bursar.json
              admin aws template --models 'anthropic.*' --regions eu-central-1 \
                --availability-zone eu-central-1a --tag project=engines
              admin aws template --region us-east-1 --ecs
            """#
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "The stack") var stack: StackArguments

    func run() async throws {
        try await aws.run { account in
            let configuration = try stack.options.configuration(region: account.region) { account.terminal.warn($0) }
            let template = try StackTemplate(configuration)
            for warning in configuration.unmetered { account.terminal.warn(warning) }
            try account.terminal.print(template.body)
        }
    }
}
