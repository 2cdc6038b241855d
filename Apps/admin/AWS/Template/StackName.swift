import BursarConsole
import BursarModel

/// What CloudFormation takes as a stack's name.
enum StackName {
    static let usual = "bursar"

    /// - Throws: ``UserFacingError`` for anything but a letter and then up to 127 letters, digits and hyphens.
    static func check(_ name: String) throws(UserFacingError) {
        guard let first = name.utf8.first, (1...128).contains(name.utf8.count),
            first.isASCIILetterOrDigit, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
        else {
            throw UserFacingError.misuse(
                "--stack-name \"\(name)\" is not what CloudFormation takes",
                hint: "a letter first, then letters, digits and hyphens, 128 at most"
            )
        }
    }
}
