import HTTPTypes

/// A header's name, as settings take it.
enum HeaderName {
    /// Lower case; nil when HTTP has no such name.
    static func lowercased(_ text: String) -> String? {
        HTTPField.Name(text).map { $0.rawName.lowercased() }
    }
}

/// The name of an AWS region, as settings take it.
enum AWSRegionName {
    /// `us-east-1`: letters, digits and hyphens, 1 to 63.
    static func isValid(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
