import BursarFoundation
import BursarHTTP

/// Identity and Access Management: users, their keys, and the policies written into users and roles.
///
/// One endpoint per partition. What is made may take seconds to be seen everywhere.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/
public struct IAMClient: Sendable {
    static let version = "2010-05-08"
    /// Pages that are read at most, of up to 1,000 entries each.
    static let mostPages = 100
    let connection: AWSServiceClient

    /// A client of the partition that `region` lies in.
    ///
    /// - Parameters:
    ///   - region: any of the partition.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_IAM` and `AWS_ENDPOINT_URL`.
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
            service: .iam,
            endpoint: try endpoints.endpoint(for: .iam, region: region),
            credentials: credentials,
            clientContext: clientContext,
            retries: retries
        )
    }

    /// The `…Result` element of a call's answer.
    func answer(_ operation: String, isRepeatable: Bool = true, _ parameters: [Parameter]) async throws -> QueryResponse
    {
        var call = AWSRequest(operation, form: Self.form(operation, parameters))
        call.isRepeatable = isRepeatable
        return try QueryResponse(try await connection.send(call), operation: operation, service: .iam)
    }

    /// Sends a call whose answer says nothing but that it was done.
    func perform(_ operation: String, _ parameters: [Parameter]) async throws {
        _ = try await connection.send(AWSRequest(operation, form: Self.form(operation, parameters)))
    }

    /// All entries of a listing, page after page.
    ///
    /// - Throws: ``AWSError`` also when there are more pages than anybody has.
    func pages<Entry>(
        _ operation: String,
        _ parameters: [Parameter],
        list: String,
        read: (XMLElement) -> Entry?
    ) async throws -> [Entry] {
        var entries: [Entry] = []
        var marker: String?
        for _ in 0..<Self.mostPages {
            var form = Self.form(operation, parameters)
            form.add("Marker", marker)
            let call = AWSRequest(operation, form: form)
            let page = try QueryResponse(try await connection.send(call), operation: operation, service: .iam)
            guard let members = page.result[list]?.children else { throw page.malformed(list) }
            for member in members {
                guard let entry = read(member) else { throw page.malformed("\(list)/member") }
                entries.append(entry)
            }
            guard page.result["IsTruncated"]?.text == "true" else { return entries }
            let next = try page.text("Marker")
            guard next != marker else { throw page.malformed("Marker") }
            marker = next
        }
        throw AWSError.malformedAnswer(
            service: .iam,
            status: 200,
            requestID: nil,
            detail: "more than \(Self.mostPages) pages"
        )
    }

    typealias Parameter = (name: String, value: String?)

    private static func form(_ operation: String, _ parameters: [Parameter]) -> QueryForm {
        var form = QueryForm(action: operation, version: version)
        for parameter in parameters { form.add(parameter.name, parameter.value) }
        return form
    }
}
