import AWSAuth
import BursarConsole

/// The tags of what a stack holds, by the rules of IAM, CloudWatch and EC2 together.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
enum StackTags {
    /// Fifty are AWS's limit; two are ours: the volume's name, and the stack's own, which everything in it gets.
    static let most = 48

    /// - Throws: ``UserFacingError`` for the first that AWS would not take.
    static func read(_ typed: [String]) throws(UserFacingError) -> [IAMTag] {
        guard typed.count <= most else {
            throw UserFacingError.misuse("--tag is given \(typed.count) times", hint: "\(most) tags are the most")
        }
        var tags: [IAMTag] = []
        var keys: Set<String> = []
        for entry in typed {
            let tag = try read(entry)
            // Keys that differ only in case are one key for IAM.
            guard keys.insert(tag.key.lowercased()).inserted else {
                throw UserFacingError.misuse(
                    "--tag \(tag.key) is given twice",
                    hint: "IAM tells no difference between A and a in keys"
                )
            }
            tags.append(tag)
        }
        return tags.sorted { $0.key < $1.key }
    }

    private static func read(_ entry: String) throws(UserFacingError) -> IAMTag {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw UserFacingError.misuse("--tag \"\(entry)\" has no value", hint: "write it as --tag project=engines")
        }
        let (key, value) = (parts[0], parts[1])
        guard !key.lowercased().hasPrefix("aws:") else {
            throw UserFacingError.misuse(
                "--tag \"\(key)\" begins with aws:, which is AWS's own",
                hint: "take another name"
            )
        }
        guard key.lowercased() != StackDeployment.tag.key else {
            throw UserFacingError.misuse(
                "--tag \"\(key)\" is the mark by which admin knows its stacks",
                hint: "take another name"
            )
        }
        guard (1...128).contains(key.unicodeScalars.count), value.unicodeScalars.count <= 256,
            (key + value).unicodeScalars.allSatisfy(isAllowed)
        else {
            throw UserFacingError.misuse(
                "--tag \"\(entry)\" is not what AWS takes",
                hint: "1 to 128 characters, = and up to 256: letters, digits, blanks and _ . : / = + - @"
            )
        }
        return IAMTag(key: key, value: value)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || " _.:/=+-@".unicodeScalars.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator:
            return true
        default: return false
        }
    }
}
