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
