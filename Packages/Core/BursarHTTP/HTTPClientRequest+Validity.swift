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
