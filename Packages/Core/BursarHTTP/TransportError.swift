/// The reason why no response arrived.
///
/// No case carries a URL or a header; `detail` is libcurl's own wording for the log. What a person reads is
/// `NetworkError`'s.
public enum TransportError: Error, Sendable, Equatable {
    /// The name of `peer` doesn't resolve (DNS).
    case unresolved(detail: String, peer: Peer = .server)
    /// `peer` takes no connection.
    case unreachable(detail: String, peer: Peer = .server)
    /// TLS with `peer` failed: certificate, name or protocol version.
    case untrusted(detail: String, peer: Peer = .server)
    /// The time to connect passed during `step`.
    case connectTimedOut(ConnectStep, peer: Peer = .server)
    /// A limit of time passed after the connection was there, or while the request waited for its turn.
    case timedOut
    /// A proxy answered CONNECT with a status other than 2xx: 407 asks for a user and password, 403 is its policy,
    /// 502 to 504 that it can't reach the server.
    case proxyRefused(status: Int, proxy: Proxy)
    /// A proxy took the connection and didn't do its part, as a SOCKS proxy that refuses.
    case proxyFailed(detail: String, proxy: Proxy)
    /// The value of an environment variable can't be a proxy's address.
    case proxyMalformed(variable: String, isQuoted: Bool)
    /// The body passed ``TransferLimits/body``, or the headers 64 KiB.
    case tooLarge
    /// The URL is not absolute http or https, or a header holds a line break.
    case invalidRequest(detail: String)
    /// `peer` closed or reset the connection before the response was whole.
    case broken(detail: String, peer: Peer = .server)
    /// The peer doesn't speak HTTP.
    case notHTTP(detail: String)
    /// Too many transfers wait already.
    case busy
    /// libcurl is missing or older than 7.61, or libexpat is missing: `detail` names the package to install.
    case libraryMissing(detail: String)

    /// The other end of a connection.
    public enum Peer: Sendable, Equatable {
        case server
        case proxy(Proxy)
    }

    /// A proxy, and the environment variable that names it.
    public struct Proxy: Sendable, Equatable {
        /// Without the user and password.
        public let address: String
        public let variable: String

        public init(address: String, variable: String) {
            self.address = address
            self.variable = variable
        }
    }

    /// The step that a connection had reached.
    public enum ConnectStep: Sendable, Equatable {
        /// The name was being resolved.
        case lookup
        /// TCP's or TLS's handshake was under way, or a proxy's response to CONNECT awaited: versions of libcurl differ
        /// in what of that they tell.
        case connection
    }
}
