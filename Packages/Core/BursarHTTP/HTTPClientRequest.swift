public import BursarFoundation

/// One HTTP request that we send.
public struct HTTPClientRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    public var method: Method
    /// An absolute `http` or `https` URL, already percent-encoded: it is sent as it stands, byte for byte.
    public var url: String
    /// Sent in this order.
    ///
    /// Values may be secret, so a request never prints them.
    public var headers: [(name: String, value: String)]
    /// nil sends none.
    public var body: Data?
    public var limits: TransferLimits
    /// Whether the request goes past any proxy of the environment, as one to this very machine should.
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

/// How long a transfer may take and how much it may bring.
public struct TransferLimits: Sendable {
    /// Name look-up, TCP and TLS together.
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
