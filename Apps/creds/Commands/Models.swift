import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole

extension ModelListing.Format: ExpressibleByArgument {}

/// Lists the models that can be invoked.
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
    var format = ModelListing.Format.table
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
        let list = try await ModelListing.ask(client, refusal)
        if let missing = list.missing { context.terminal.warn(missing) }
        try list.print(format, provider: provider, context.terminal)
    }
}

/// The models and inference profiles of a region that the credentials may list.
struct ModelListing {
    let rows: [ListedModel]
    /// The reason why one part is missing when the other could be listed.
    let missing: UserFacingError?

    /// Fetches models and both kinds of profile concurrently.
    ///
    /// - Throws: ``UserFacingError`` when there is nothing to show, or `CancellationError`.
    static func ask(_ client: BedrockClient, _ refusal: BedrockErrorMessages) async throws -> ModelListing {
        async let models = result { try await client.foundationModels() }
        async let awsProfiles = result { try await client.inferenceProfiles(kind: .systemDefined) }
        async let ownProfiles = result { try await client.inferenceProfiles(kind: .application) }
        let (known, profiles) = (await models, [await awsProfiles, await ownProfiles])
        try Task.checkCancellation()

        let listed = (try? known.get()) ?? []
        var rows = listed.map { ListedModel($0) }
        rows += profiles.flatMap { (try? $0.get()) ?? [] }.map { ListedModel($0, models: listed) }
        let missing = (profiles.compactMap(\.failure) + [known.failure].compactMap(\.self)).last.map(refusal.problem)
        if rows.isEmpty, let missing { throw missing }
        return ModelListing(
            rows: rows.sorted { ($0.provider ?? "", $0.id) < ($1.provider ?? "", $1.id) },
            missing: missing
        )
    }

    private static func result<Element: Sendable>(
        _ list: @Sendable () async throws -> [Element]
    ) async -> Result<[Element], any Error> {
        do {
            return .success(try await list())
        } catch {
            return .failure(error)
        }
    }

    func print(_ format: Format, provider: String?, _ terminal: Terminal) throws {
        let rows = rows.filter { row in provider.map { row.isFrom($0) } ?? true }
        switch format {
        case .table:
            guard !rows.isEmpty else { return terminal.note("there are no such models") }
            var table = Table(ListedModel.titles.map { Table.Column($0) })
            for row in rows { table.append(row.cells) }
            try terminal.print(table.text(terminal.output))
        case .json: try terminal.print(JSONText.line(rows))
        case .csv:
            let lines = [ListedModel.titles] + rows.map(\.cells)
            try terminal.print(lines.map { CSV.line($0) }.joined(separator: "\r\n"))
        }
    }

    enum Format: String, CaseIterable {
        case table = "table"
        case json = "json"
        case csv = "csv"
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}

/// A model or inference profile, as a row of `creds models`.
struct ListedModel: Encodable, Equatable {
    /// The id to use in an invocation.
    let id: String
    let arn: String
    let kind: Kind
    let provider: String?
    let name: String?
    let status: String?
    /// True if requests may name it directly; some models are reached through a profile only.
    let isInvoked: Bool

    enum Kind: String, Encodable {
        case model = "model"
        /// An inference profile of AWS, for several regions.
        case profile = "profile"
        /// An inference profile of the account.
        case application = "application"
    }

    init(_ model: FoundationModel) {
        id = model.id
        arn = model.arn
        kind = .model
        provider = model.provider
        name = model.name
        status = model.status
        isInvoked = model.inferenceTypes.contains("ON_DEMAND")
    }

    /// The provider of a profile is that of its models.
    init(_ profile: InferenceProfile, models: [FoundationModel]) {
        id = profile.kind == .application ? profile.arn : profile.id
        arn = profile.arn
        kind = profile.kind == .application ? .application : .profile
        let names = profile.modelARNs.compactMap { $0.split(separator: "/").last.map(String.init) }
        let known = models.first { names.contains($0.id) }?.provider
        provider = known ?? names.first.flatMap { $0.split(separator: ".").first.map(String.init) }
        name = profile.name
        status = profile.status
        isInvoked = true
    }

    static let titles = ["id", "kind", "provider", "name", "status", "invoked"]

    var cells: [String] {
        [id, kind.rawValue, provider ?? "-", name ?? "-", status ?? "-", isInvoked ? "yes" : "by a profile"]
    }

    /// Returns true if the provider matches, ignoring case.
    func isFrom(_ provider: String) -> Bool {
        self.provider?.lowercased() == provider.lowercased()
    }
}
