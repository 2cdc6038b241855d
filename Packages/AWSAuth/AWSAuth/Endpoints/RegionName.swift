import BursarModel

/// Rules for the names of regions, which become part of host names.
package enum RegionName {
    /// 1 to 63 letters, digits and hyphens, not all digits, no hyphen at either end (botocore's rule).
    package static func isValid(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
            && !text.utf8.allSatisfy { digits.contains($0) }
    }

    /// What the last word of a region's name is.
    private static let directions: Set<Substring> = [
        "north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest",
    ]

    /// The area of a region's name, `us-gov` of `us-gov-west-1`; nil for what doesn't end in a direction and a number.
    static func area(of text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...5).contains(parts.count), text.utf8.count <= 63, let number = parts.last,
            (1...2).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts.dropLast().allSatisfy({ $0.utf8.count >= 2 && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) } }),
            // `us-gov-1` has an area and no direction, and so has `us-isoe-1`, which would be taken for one of `us`.
            directions.contains(parts[parts.count - 2])
        else { return nil }
        return parts.dropLast(2).joined(separator: "-")
    }
}
