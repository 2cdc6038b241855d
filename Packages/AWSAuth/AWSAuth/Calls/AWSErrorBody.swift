import BursarFoundation
import BursarHTTP
import BursarModel

/// Reads what AWS says in an answer that is not a success, in XML or JSON; anything else is code `Unknown`.
enum AWSErrorBody {
    /// `hiding` names what must not come back inside a message.
    static func refusal(
        _ response: HTTPClientResponse,
        service: AWSService,
        operation: String,
        hiding secrets: [Secret<String>]
    ) -> AWSServiceError {
        let said = xml(response) ?? json(response)
        var message = said?.message
        for secret in secrets where !secret.reveal().isEmpty {
            message = message?.replacing(secret.reveal(), with: "<redacted>")
        }
        return AWSServiceError(
            service: service,
            operation: operation,
            status: response.status,
            code: said?.code.flatMap(word) ?? "Unknown",
            requestID: (said?.requestID ?? requestID(response)).flatMap(word),
            message: message
        )
    }

    static func requestID(_ response: HTTPClientResponse) -> String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
    }

    private struct Said {
        let code: String?
        let message: String?
        let requestID: String?
    }

    /// `<ErrorResponse><Error><Code/><Message/></Error><RequestId/></ErrorResponse>`, or the error alone.
    private static func xml(_ response: HTTPClientResponse) -> Said? {
        guard response.body.first == UInt8(ascii: "<"), let root = try? XMLParser.parse(response.body) else {
            return nil
        }
        guard let error = root["Error"] ?? root.at("Errors", "Error") ?? (root.name == "Error" ? root : nil) else {
            return nil
        }
        let requestID = root["RequestId"] ?? root["RequestID"] ?? root.at("ResponseMetadata", "RequestId")
        return Said(code: error["Code"]?.text, message: error["Message"]?.text, requestID: requestID?.text)
    }

    /// `x-amzn-ErrorType` or `__type`, either with a namespace before `#` or a URL after `:`.
    private static func json(_ response: HTTPClientResponse) -> Said? {
        struct Body: Decodable {
            var type: String?
            var code: String?
            var error: String?
            var message: String?
            var capitalMessage: String?
            var description: String?

            enum CodingKeys: String, CodingKey {
                case type = "__type"
                case code = "code"
                case error = "error"
                case message = "message"
                case capitalMessage = "Message"
                case description = "error_description"
            }
        }
        let body = try? JSONDecoder().decode(Body.self, from: response.body)
        let type = response.header("x-amzn-errortype") ?? body?.type ?? body?.code ?? body?.error
        guard body != nil || type != nil else { return nil }
        let code = type.map { String($0.prefix { $0 != ":" }.split(separator: "#").last ?? "") }
        return Said(
            code: code,
            message: body?.message ?? body?.capitalMessage ?? body?.description,
            requestID: nil
        )
    }

    /// A code or id that can go into a log line as it stands; nil when it can't.
    private static func word(_ text: String) -> String? {
        guard (1...128).contains(text.utf8.count) else { return nil }
        return text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }
}
