/// The body of every answer that is not a success: `{"message","error","requestID"}`.
package struct ErrorResponse: Codable, Sendable, Equatable {
    package let message: String
    /// A ``ErrorCode``'s word; a string here, so that a newer server's code still reads.
    package let error: String
    package let requestID: String

    package init(_ code: ErrorCode, _ occasion: ErrorCode.ErrorDetail? = nil, requestID: String) {
        message = occasion?.message ?? code.message
        error = code.rawValue
        self.requestID = requestID
    }
}
