import BursarCore

/// Says what may be a region's name: it becomes part of host names, so nothing else may.
package enum RegionName {
    /// 1 to 63 letters, digits and hyphens, not all digits, no hyphen at either end (botocore's rule).
    package static func isValid(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
            && !text.utf8.allSatisfy { digits.contains($0) }
    }
}
