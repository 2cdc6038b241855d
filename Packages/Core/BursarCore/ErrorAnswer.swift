/// The body of every answer that is not a success: `{"message","error","requestID"}`.
package struct ErrorAnswer: Codable, Sendable, Equatable {
    package let message: String
    /// A ``RefusalCode``'s word; a string here, so that a newer server's code still reads.
    package let error: String
    package let requestID: String

    package init(_ code: RefusalCode, _ occasion: RefusalCode.Occasion? = nil, requestID: String) {
        message = occasion?.message ?? code.message
        error = code.rawValue
        self.requestID = requestID
    }
}
