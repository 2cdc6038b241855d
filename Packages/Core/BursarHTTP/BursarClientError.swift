package import BursarModel

/// Why a Bursar server gave no answer that can be used.
///
/// No case carries the key, the URL or the answer's body.
package enum BursarClientError: Error, Sendable, Equatable {
    /// The server said no, in its own words.
    case refused(ServerRefusal)
    /// The server sent us elsewhere. The key is never sent on: the address in the profile has to be corrected.
    case redirected(status: Int)
    /// Something answered that is not a Bursar server: a log-in page, a gateway, another service.
    case notBursar(status: Int)
    /// Nothing answered.
    case fault(TransportError)

    /// A server's refusal, fit to be shown.
    package struct ServerRefusal: Sendable, Equatable {
        package let status: Int
        /// The word of the answer, kept as it came: a newer server may have words that we don't.
        package let code: String
        /// The server's sentence; nil when it isn't short and printable, or holds the key.
        package let message: String?
        /// How long the server asks us to stay away.
        package let retryAfter: Duration?
        /// Under which the server's log has the cause; nil when it isn't one.
        package let requestID: String?

        package init(
            status: Int,
            code: String,
            message: String?,
            retryAfter: Duration?,
            requestID: String? = nil
        ) {
            self.status = status
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
            self.requestID = requestID
        }

        /// The refusal, when it is one that this version knows.
        package var reason: ErrorCode? { ErrorCode(rawValue: code) }
    }
}
