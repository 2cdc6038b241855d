package import AWSAuth
import BursarFoundation
package import BursarHTTP
import BursarModel

/// A client of CloudFormation: stacks, and the change sets that show an update's effect beforehand.
///
/// No function waits for its operation, which continues in AWS after the response.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/
package struct CloudFormationClient: AWSClient {
    package static let service = AWSService.cloudFormation
    package static let limits = TransferLimits(total: .seconds(30), stall: .seconds(20), body: 4 << 20)
    static let version = "2010-05-15"
    /// The most pages that are read, of up to 1 MB each.
    static let mostPages = 100
    let client: AWSServiceClient

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// The `…Result` element of a call's response.
    func response(_ form: QueryForm, _ operation: String) async throws -> QueryResponse {
        let response = try await client.send(AWSRequest(operation, form: form))
        return try QueryResponse(response, operation: operation, service: .cloudFormation)
    }

    /// Sends a call whose response only confirms the start of the operation.
    func perform(_ operation: String, _ parameters: [Parameter]) async throws {
        _ = try await client.send(AWSRequest(operation, form: Self.form(operation, parameters)))
    }

    /// Reads the pages of a listing in order, until `read` returns false.
    ///
    /// - Throws: ``AWSError`` also for more pages than any account has.
    func pages(
        _ operation: String,
        _ parameters: [Parameter],
        read: (QueryResponse) throws -> Bool
    ) async throws {
        var token: String?
        for _ in 0..<Self.mostPages {
            let page = try await response(Self.form(operation, parameters + [("NextToken", token)]), operation)
            guard try read(page) else { return }
            guard let next = page.result["NextToken"]?.text, !next.isEmpty else { return }
            guard next != token else { throw page.malformed("NextToken") }
            token = next
        }
        throw AWSError.malformedResponse(
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

/// The limits that CloudFormation documents for its parameters, checked before anything is sent.
///
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
enum CloudFormationLimits {
    /// Bytes of a template that is sent with the call; longer ones have to come from S3.
    static let longestTemplate = 51_200

    /// A name: a letter, then letters, digits and hyphens, 128 at most.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetterOrDigit, !(0x30...0x39).contains(first),
            text.utf8.count <= 128
        else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    /// A stack by its name or its ARN.
    static func check(stack: String) throws(AWSError) {
        guard isName(stack) || isARN(stack, of: ":stack/") else { throw invalid("StackName") }
    }

    /// A change set by its ARN, which names its stack as well.
    static func check(changeSet: String) throws(AWSError) {
        guard isARN(changeSet, of: ":changeSet/") else { throw invalid("ChangeSetName") }
    }

    /// A token that makes a repeated call idempotent.
    static func check(token: String) throws(AWSError) {
        guard let first = token.utf8.first, first.isASCIILetterOrDigit, token.utf8.count <= 128,
            token.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
        else { throw invalid("ClientRequestToken") }
    }

    static func check(template: String) throws(AWSError) {
        guard (1...longestTemplate).contains(template.utf8.count) else { throw invalid("TemplateBody") }
    }

    static func check(tags: [CloudFormationTag]) throws(AWSError) {
        let isFine = tags.allSatisfy { tag in
            (1...128).contains(tag.key.unicodeScalars.count) && (1...256).contains(tag.value.unicodeScalars.count)
                && !tag.key.lowercased().hasPrefix("aws:")
        }
        guard isFine, tags.count <= 50 else { throw invalid("Tags") }
    }

    private static func isARN(_ text: String, of kind: String) -> Bool {
        text.hasPrefix("arn:") && text.contains(kind) && text.utf8.count <= 1600
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-:/._+".utf8.contains($0) }
    }

    private static func invalid(_ field: String) -> AWSError {
        .invalidParameter(service: .cloudFormation, field: field)
    }
}

/// A tag of a stack, which CloudFormation puts on what it makes as well.
package struct CloudFormationTag: Sendable, Equatable {
    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    init?(_ element: XMLElement) {
        guard let key = element["Key"]?.text, !key.isEmpty else { return nil }
        self.init(key, element["Value"]?.text ?? "")
    }
}
