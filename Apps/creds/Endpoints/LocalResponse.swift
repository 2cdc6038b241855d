import BursarModel
import NIOCore
import NIOHTTP1

/// Writes one answer to a local client; each call waits until the client takes what it was sent.
struct LocalResponse: Sendable {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    private let version: HTTPVersion

    init(_ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, version: HTTPVersion) {
        self.outbound = outbound
        self.version = version
    }

    /// Lets a client go on that asked before it sends its body.
    func proceed() async throws {
        try await outbound.write(.head(HTTPResponseHead(version: version, status: .continue)))
    }

    /// The head of an answer whose body follows by ``write(_:)``, and then ``end()``.
    func begin(_ status: Int, _ headers: [(name: String, value: String)]) async throws {
        // A connection is for one request: then nothing that follows can be taken for a second.
        let headers = HTTPHeaders(headers.map { ($0.name, $0.value) } + [("Connection", "close")])
        let status = HTTPResponseStatus(statusCode: status)
        try await outbound.write(.head(HTTPResponseHead(version: version, status: status, headers: headers)))
    }

    func write(_ piece: [UInt8]) async throws {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: piece))))
    }

    func end() async throws {
        try await outbound.write(.end(nil))
        outbound.finish()
    }

    /// A whole answer in JSON, which nobody is to keep.
    func send(_ status: Int, json: Secret<String>, _ headers: [(name: String, value: String)] = []) async throws {
        let body = Array(json.reveal().utf8)
        let own = [
            ("Content-Type", "application/json"), ("Content-Length", "\(body.count)"), ("Cache-Control", "no-store"),
        ]
        try await begin(status, own.map { (name: $0.0, value: $0.1) } + headers)
        try await write(body)
        try await end()
    }

    /// The header is where Bedrock's clients look for the code.
    func refuse(_ refusal: LocalEndpointError) async throws {
        let code = refusal.code.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        try await send(refusal.status, json: Secret(refusal.body), [("x-amzn-ErrorType", code)])
    }
}
