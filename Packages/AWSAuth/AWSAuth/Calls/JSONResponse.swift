import BursarFoundation
import BursarHTTP

/// A successful answer of a JSON service.
enum JSONResponse {
    static func decode<Answer: Decodable>(
        _ type: Answer.Type,
        _ response: HTTPClientResponse,
        service: AWSService
    ) throws(AWSError) -> Answer {
        do {
            return try JSONDecoder().decode(type, from: response.body)
        } catch {
            throw .malformedAnswer(
                service: service,
                status: response.status,
                requestID: AWSErrorBody.requestID(response),
                detail: CredentialCharacters.problem(error)
            )
        }
    }
}
