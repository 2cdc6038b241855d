import AWSAuth
import BursarConsole

/// What the credentials may list of a region's models and inference profiles.
struct ModelList {
    let rows: [ListedModel]
    /// Why a part is missing, when there is another part to show.
    let missing: UserFacingError?

    /// Asks for models and both kinds of profile at once.
    ///
    /// - Throws: ``UserFacingError`` when there is nothing to show, or `CancellationError`.
    static func ask(_ client: BedrockClient, _ refusal: BedrockErrorMessages) async throws -> ModelList {
        async let models = answer { try await client.foundationModels() }
        async let awsProfiles = answer { try await client.inferenceProfiles(kind: .systemDefined) }
        async let ownProfiles = answer { try await client.inferenceProfiles(kind: .application) }
        let (known, profiles) = (await models, [await awsProfiles, await ownProfiles])
        try Task.checkCancellation()

        let listed = (try? known.get()) ?? []
        var rows = listed.map { ListedModel($0) }
        rows += profiles.flatMap { (try? $0.get()) ?? [] }.map { ListedModel($0, models: listed) }
        let missing = (profiles.compactMap(\.failure) + [known.failure].compactMap(\.self)).last.map(refusal.problem)
        if rows.isEmpty, let missing { throw missing }
        return ModelList(
            rows: rows.sorted { ($0.provider ?? "", $0.id) < ($1.provider ?? "", $1.id) },
            missing: missing
        )
    }

    private static func answer<Element: Sendable>(
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
