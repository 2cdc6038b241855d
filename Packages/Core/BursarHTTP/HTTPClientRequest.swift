public import BursarFoundation

/// One HTTP request that we send.
public struct HTTPClientRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public var method: Method
    /// An absolute `http` or `https` URL, already percent-encoded: it is sent unchanged, byte for byte.
    public var url: String
    /// Sent in this order.
    ///
    /// Values may be secret, so a request never prints them.
    public var headers: [(name: String, value: String)]
    /// nil sends none.
    public var body: Data?
    public var limits: TransferLimits
    /// True if the request bypasses any proxy of the environment, as one to this machine should.
    public var goesDirect = false

    public init(
        _ method: Method = .get,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        limits: TransferLimits = TransferLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}

extension HTTPClientRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method.rawValue) request" }
    public var customMirror: Mirror { Mirror(self, children: ["method": method.rawValue]) }
}

/// The limits of a transfer in time and size.
public struct TransferLimits: Sendable {
    /// Name resolution, TCP and TLS together.
    public var connect: Duration
    /// From start to last byte.
    public var total: Duration
    /// Without any byte in either direction, once connected.
    public var stall: Duration
    /// Bytes of body; one more ends the transfer with ``TransportError/tooLarge``.
    public var body: Int

    public init(
        connect: Duration = .seconds(3),
        total: Duration = .seconds(10),
        stall: Duration = .seconds(5),
        body: Int = 1 << 20
    ) {
        self.connect = connect
        self.total = total
        self.stall = stall
        self.body = body
    }
}

extension HTTPClientRequest {
    /// Refuses what could become a second request or header on the wire, before anything is sent.
    func checkValidity() throws(TransportError) {
        let scheme = url.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://") else {
            throw .invalidRequest(detail: "the URL is not absolute http or https")
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidRequest(detail: "the URL is not percent-encoded")
        }
        guard headers.allSatisfy({ Self.isToken($0.name) }) else {
            throw .invalidRequest(detail: "the name of a header is not allowed")
        }
        guard headers.allSatisfy({ Self.isFieldValue($0.value) }) else {
            throw .invalidRequest(detail: "the value of a header holds a line break or another control character")
        }
    }

    /// Scheme and authority: transfers that have the same share connections.
    var origin: Substring {
        guard let authority = url.firstRange(of: "://")?.upperBound else { return url[...] }
        return url[..<(url[authority...].firstIndex { "/?#".contains($0) } ?? url.endIndex)]
    }

    /// A `token` of https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// No control character but the tab: https://www.rfc-editor.org/rfc/rfc9110#section-5.5.
    private static func isFieldValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}

/// A request body that comes in pieces, and goes out as it comes.
///
/// The pieces are asked for one by one, no faster than the peer takes them. When their sequence throws, or brings more
/// or less than was promised, the transfer is broken off: the peer never takes a part for the whole.
package struct HTTPClientRequestBody: Sendable {
    /// nil sends the body in chunks.
    package let length: Int?
    /// Moves the pieces into a queue, until their end.
    let pour: @Sendable (BodyQueue) async throws -> Void

    /// - Parameters:
    ///   - length: of all pieces together; nil when it isn't known.
    ///   - pieces: iterated once, by a task of its own, which is cancelled when the transfer ends.
    package init<Pieces: AsyncSequence & Sendable>(length: Int?, pieces: Pieces)
    where Pieces.Element: Collection<UInt8> {
        self.length = length
        pour = { queue in
            for try await piece in pieces { try await queue.add(Array(piece)) }
            try queue.finish()
        }
    }
}
