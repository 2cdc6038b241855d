import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A successful answer of a JSON service.
enum JSONAnswer {
    static func decode<Answer: Decodable>(
        _ type: Answer.Type,
        _ response: OutboundResponse,
        service: AWSService
    ) throws(AWSError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: response.body)
        } catch {
            throw .malformedAnswer(
                service: service,
                status: response.status,
                requestID: RefusalBody.requestID(response),
                detail: CredentialText.problem(error)
            )
        }
    }
}
