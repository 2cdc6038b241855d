import BursarFoundation
import BursarHTTP

/// CloudFormation: stacks, and the change sets that say beforehand what an update would do.
///
/// Nothing here waits: an operation goes on in AWS after its call has been answered.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
public struct CloudFormationClient: Sendable {
    static let version = "2010-05-15"
    /// Pages that are read at most; AWS puts up to 1 MB into each.
    static let mostPages = 100
    let connection: AWSServiceClient

    /// A client of one region.
    ///
    /// - Parameters:
    ///   - region: where the stacks are.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_CLOUDFORMATION` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    ///   - retries: how often a call is tried.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext,
        retries: RetryRules = RetryRules()
    ) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .cloudFormation,
            endpoint: try endpoints.endpoint(for: .cloudFormation, region: region),
            credentials: credentials,
            clientContext: clientContext,
            limits: TransferLimits(total: .seconds(30), stall: .seconds(20), body: 4 << 20),
            retries: retries
        )
    }

    /// The `…Result` element of a call's answer.
    func answer(_ form: QueryForm, _ operation: String) async throws -> QueryResponse {
        let response = try await connection.send(AWSRequest(operation, form: form))
        return try QueryResponse(response, operation: operation, service: .cloudFormation)
    }

    /// Sends a call whose answer says nothing but that it was begun.
    func perform(_ operation: String, _ parameters: [Parameter]) async throws {
        _ = try await connection.send(AWSRequest(operation, form: Self.form(operation, parameters)))
    }

    /// The pages of an answer, one after the other, until `read` has enough and says so by false.
    ///
    /// - Throws: ``AWSError`` also when there are more pages than anybody has.
    func pages(
        _ operation: String,
        _ parameters: [Parameter],
        read: (QueryResponse) throws -> Bool
    ) async throws {
        var token: String?
        for _ in 0..<Self.mostPages {
            let page = try await answer(Self.form(operation, parameters + [("NextToken", token)]), operation)
            guard try read(page) else { return }
            guard let next = page.result["NextToken"]?.text, !next.isEmpty else { return }
            guard next != token else { throw page.malformed("NextToken") }
            token = next
        }
        throw AWSError.malformedAnswer(
            service: .cloudFormation,
            status: 200,
            requestID: nil,
            detail: "more than \(Self.mostPages) pages"
        )
    }

    typealias Parameter = (name: String, value: String?)

    static func form(_ operation: String, _ parameters: [Parameter]) -> QueryForm {
        var form = QueryForm(action: operation, version: version)
        for parameter in parameters { form.add(parameter.name, parameter.value) }
        return form
    }
}

extension QueryResponse {
    /// The members of a list, each read; an absent list is an empty one, as AWS leaves empty ones out.
    func members<Entry>(_ list: String, _ read: (XMLElement) -> Entry?) throws(AWSError) -> [Entry] {
        var entries: [Entry] = []
        for member in result[list]?.children ?? [] {
            guard let entry = read(member) else { throw malformed("\(list)/member") }
            entries.append(entry)
        }
        return entries
    }
}
