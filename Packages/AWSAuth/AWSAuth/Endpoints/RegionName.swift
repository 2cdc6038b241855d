/// Says what may be a region's name: it becomes part of host names, so nothing else may.
enum RegionName {
    /// 1 to 63 letters, digits and hyphens, not all digits, no hyphen at either end (botocore's rule).
    static func isValid(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        var hasOther = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-"):
                hasOther = true
            default: return false
            }
        }
        return hasOther
    }
}
