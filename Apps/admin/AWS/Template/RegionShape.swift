/// What names of regions look like.
///
/// `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`: new ones come every year, so they are not listed here.
enum RegionShape {
    static func isRight(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...5).contains(parts.count), name.utf8.count <= 63, let number = parts.last else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        return (1...2).contains(number.utf8.count) && number.utf8.allSatisfy { digits.contains($0) }
            && parts.dropLast().allSatisfy { $0.utf8.count >= 2 && $0.utf8.allSatisfy { letters.contains($0) } }
    }
}
