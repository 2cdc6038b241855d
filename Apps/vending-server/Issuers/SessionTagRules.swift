/// Text as STS takes it for a session tag's value.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
enum SessionTagRules {
    private static let longest = 256

    /// Letters, digits, spaces and `_.:/=+-@` of any script; other characters become `_`.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest).map { isAllowed($0) ? $0 : "_" }))
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator:
            true
        default: "_.:/=+-@".unicodeScalars.contains(scalar)
        }
    }
}
