import BursarFoundation
package import BursarModel

/// Asks a Bursar server on behalf of one researcher, and trusts its responses no further than they were checked.
package struct BursarClient: Sendable {
    package let server: ServerURL
    private let transport: HTTPTransport
    private let limits: TransferLimits
    /// Receives each response, whatever its status: its headers hold the server's time.
    private let answered: @Sendable (HTTPClientResponse) -> Void

    package init(
        server: ServerURL,
        transport: HTTPTransport,
        limits: TransferLimits = TransferLimits(body: 64 << 10),
        answered: @escaping @Sendable (HTTPClientResponse) -> Void = { _ in }
    ) {
        self.server = server
        self.transport = transport
        self.limits = limits
        self.answered = answered
    }

    /// Credentials for the key's researcher; that they still live is for the caller to check.
    ///
    /// `minLeft` is how long they are to live at least: servers that don't know the parameter, or can't grant it, give
    /// what they have.
    ///
    /// - Throws: ``BursarClientError``, or `CancellationError`.
    package func credentials(key: Secret<String>, minLeft: TimeSpan? = nil) async throws -> SessionCredentials {
        let query = minLeft.map { "?min-left=\($0.seconds)" } ?? ""
        let response = try await get("/credentials" + query, key: key)
        do {
            return try ProcessOutput(parsing: response.body).credentials
        } catch {
            throw BursarClientError.notBursar(status: response.status)
        }
    }

    /// Returns the server's information about the key.
    ///
    /// - Throws: ``BursarClientError``, or `CancellationError`.
    package func whoami(key: Secret<String>) async throws -> WhoAmIResponse {
        let response = try await get("/whoami", key: key)
        guard let body = try? JSONDecoder().decode(WhoAmIResponse.self, from: response.body),
            [body.researcher, body.keyID, body.keyExpires, body.address]
                .allSatisfy({ $0.isShortPrintable && !$0.holds(key) })
        else { throw BursarClientError.notBursar(status: response.status) }
        return body
    }

    private func get(_ path: String, key: Secret<String>) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(
            url: server.description + path,
            headers: [("accept", "application/json"), ("x-api-key", key.reveal())],
            limits: limits
        )
        // A proxy would see the key of a plain HTTP request, and has no business with this very machine.
        request.goesDirect = server.isLoopbackHTTP
        let response: HTTPClientResponse
        do {
            response = try await transport.send(request)
        } catch let fault as TransportError {
            throw BursarClientError.fault(fault)
        }
        answered(response)
        guard response.status != 200 else { return response }
        throw BursarClientError(response, to: key)
    }
}

extension BursarClientError {
    /// The meaning of a response to `key` other than 200.
    fileprivate init(_ response: HTTPClientResponse, to key: Secret<String>) {
        if (300..<400).contains(response.status) {
            self = .redirected(status: response.status)
            return
        }
        guard (400..<600).contains(response.status),
            let body = try? JSONDecoder().decode(ErrorResponse.self, from: response.body),
            body.error.isCode
        else {
            self = .notBursar(status: response.status)
            return
        }
        // Of https://www.rfc-editor.org/rfc/rfc9110#field.retry-after only the seconds: our server sends no date.
        let seconds = response.header("retry-after").flatMap { Int($0) }
        let believable = seconds.flatMap { (0...86_400).contains($0) ? $0 : nil }
        self = .refused(
            ServerRefusal(
                status: response.status,
                code: body.error,
                message: body.message.isShortPrintable && !body.message.holds(key) ? body.message : nil,
                retryAfter: believable.map { .seconds($0) },
                requestID: body.requestID.isRequestID && !body.requestID.holds(key) ? body.requestID : nil
            )
        )
    }
}

extension String {
    fileprivate var isRequestID: Bool {
        (1...64).contains(utf8.count) && utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    /// Printable ASCII that fits a line or two: nothing that could move a terminal's cursor or imitate Bursar's own
    /// output.
    fileprivate var isShortPrintable: Bool {
        (1...300).contains(utf8.count) && utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Returns true if the text contains the secret part of `key`: a server may echo it, and it must not be repeated.
    fileprivate func holds(_ key: Secret<String>) -> Bool {
        key.reveal().split(separator: "_").last.map { contains($0) } ?? false
    }

    fileprivate var isCode: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}

/// The reason why a Bursar server gave no usable response.
///
/// No case carries the key, the URL or the response's body.
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
        /// The word of the response, kept as it came: a newer server may have words that we don't.
        package let code: String
        /// The server's sentence; nil when it isn't short and printable, or holds the key.
        package let message: String?
        /// The pause that the server asks for.
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
