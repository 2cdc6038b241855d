import BursarFoundation
import BursarModel
import Crypto
import INIParser

/// The text that a signature covers.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; where that page leaves
/// room (which headers, how blanks fold), it is what botocore does.
struct CanonicalRequest {
    /// `host;x-amz-date`: sorted, lower case.
    let signedHeaders: String
    let text: String

    static let emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// Left out of every signature, since proxies and HTTP libraries set or change them.
    private static let unsignedHeaders: Set<String> = [
        "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    init(_ request: SigningRequest, url: URLParts, path: String, query: String?, payload: String) {
        let headers = Self.headers(request, url: url)
        signedHeaders = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        text = [
            request.method.uppercased(), path, Self.canonicalQuery(query), lines, signedHeaders, payload,
        ].joined(separator: "\n")
    }

    var digest: String { Hex.string(SHA256.hash(data: Array(text.utf8))) }

    /// The names that will be signed, before the text is made: a presigned URL carries them.
    static func signedHeaders(_ request: SigningRequest, url: URLParts) -> String {
        headers(request, url: url).map(\.name).joined(separator: ";")
    }

    static func digest(of payload: SigningRequest.Payload) -> String {
        switch payload {
        case .bytes(let body): body.isEmpty ? emptyDigest : Hex.string(SHA256.hash(data: body))
        case .digest(let digest): digest
        case .unsigned: unsignedPayload
        }
    }

    /// Sorted by key, then by value; a key without `=` gets one.
    private static func canonicalQuery(_ query: String?) -> String {
        guard let query, !query.isEmpty else { return "" }
        var pairs: [(key: [UInt8], value: [UInt8])] = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            pairs.append((Array(halves[0]), halves.count > 1 ? Array(halves[1]) : []))
        }
        pairs.sort { left, right in
            left.key == right.key
                ? left.value.lexicographicallyPrecedes(right.value)
                : left.key.lexicographicallyPrecedes(right.key)
        }
        return pairs.map { "\(String(decoding: $0.key, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))" }
            .joined(separator: "&")
    }

    private static func headers(_ request: SigningRequest, url: URLParts) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for (name, value) in request.headers {
            let name = name.lowercased()
            guard !unsignedHeaders.contains(name) else { continue }
            values[name, default: []].append(folded(value))
        }
        if values["host"] == nil { values["host"] = [url.hostHeader] }
        return values.map { (name: $0.key, value: $0.value.joined(separator: ",")) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Blanks at the ends dropped, runs of them made one: all that Python's `str.split()` takes for a blank.
    private static func folded(_ value: String) -> String {
        // Most values, and the long ones, have no blank at all.
        let isPlain = value.utf8.withContiguousStorageIfAvailable { $0.allSatisfy { (0x21...0x7E).contains($0) } }
        if isPlain == true { return value }
        return value.unicodeScalars.split(whereSeparator: ConfigParserWhitespace.isSpace).map { String($0) }
            .joined(separator: " ")
    }
}

/// The path as it is signed.
enum CanonicalPath {
    /// Dots and repeated slashes resolved, then each segment encoded once more than it is on the wire.
    ///
    /// `/a//b/../c%20d` gives `/a/c%2520d`. RFC 3986 §5.2.4, with AWS's rule that empty segments are dropped.
    static func normalized(_ path: String) -> String {
        PercentEncoding.encode(withoutDotSegments(path), keeping: "/")
    }

    private static func withoutDotSegments(_ path: String) -> String {
        // On bytes: a combining mark after a slash would hide the slash from `Character`.
        let slash = UInt8(ascii: "/")
        guard !path.isEmpty else { return "/" }
        var kept: [Substring.UTF8View] = []
        for segment in path.utf8.split(separator: slash) where !segment.elementsEqual(".".utf8) {
            if segment.elementsEqual("..".utf8) {
                _ = kept.popLast()
            } else {
                kept.append(segment)
            }
        }
        var bytes: [UInt8] = path.utf8.first == slash ? [slash] : []
        bytes.append(contentsOf: kept.joined(separator: CollectionOfOne(slash)))
        if path.utf8.last == slash, !kept.isEmpty { bytes.append(slash) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
