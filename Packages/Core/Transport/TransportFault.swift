/// Why no answer came back.
///
/// No case carries a URL or a header; `detail` is libcurl's own wording for the log.
public enum TransportFault: Error, Sendable, Equatable {
    /// The name doesn't resolve, or nothing listens there.
    case unreachable(detail: String)
    /// TLS failed: certificate, name or protocol version.
    case untrusted(detail: String)
    /// A limit of time passed.
    case timedOut
    /// The body passed ``TransferLimits/body``, or the headers 64 KiB.
    case tooLarge
    /// The URL is not absolute http or https, or a header holds a line break.
    case invalidRequest(detail: String)
    /// The connection broke, or the peer doesn't speak HTTP.
    case broken(detail: String)
    /// Too many transfers wait already.
    case busy
    /// libcurl is missing or older than 7.85: `detail` names the package to install.
    case libraryMissing(detail: String)
}
