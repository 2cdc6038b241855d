import AWSAuth
import ArgumentParser
import BursarConsole

extension ModelList.Format: ExpressibleByArgument {}

/// What there is to invoke.
struct Models: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "List a region's models and inference profiles.",
        discussion: """
              creds models --provider Anthropic
              creds models --region eu-central-1 --format csv

            Lists what the credentials may list. That a model is listed doesn't say that they may invoke it: creds \
            doctor --invoke MODEL tries. A model that isn't invoked itself is invoked through a profile.

            --format json: [{"id", "arn", "kind", "provider", "name", "status", "isInvoked"}]; kind is model, profile \
            (AWS's, over several regions) or application (your account's own); provider, name and status may be absent.
            """
    )

    @Option(help: "Only this provider's: Anthropic, Meta, Amazon…")
    var provider: String?
    @Option(help: "How to print them.")
    var format = ModelList.Format.table
    @OptionGroup var source: SourceOptions

    func run(_ context: CredsContext) async throws {
        guard let region = try source.region(context) else {
            throw UserFacingError(
                "no region is set, and models differ between them",
                hint: "creds models --region us-east-1"
            )
        }
        let endpoints = BedrockEndpoints.resolver(context, profile: source.configProfile)
        let refusal = BedrockErrorMessages(
            region: region,
            model: nil,
            profile: source.vendedProfile,
            url: try? endpoints.endpoint(for: .bedrock, region: region.description).url
        )
        let credentials = try await source.credentials(context)
        let client: BedrockClient
        do {
            client = try BedrockClient(
                region: region.description,
                credentials: StaticCredentials(credentials),
                endpoints: endpoints,
                clientContext: AWSClientContext(transport: context.transport, now: context.now)
            )
        } catch {
            throw refusal.problem(error)
        }
        let list = try await ModelList.ask(client, refusal)
        if let missing = list.missing { context.terminal.warn(missing) }
        try list.print(format, provider: provider, context.terminal)
    }
}
