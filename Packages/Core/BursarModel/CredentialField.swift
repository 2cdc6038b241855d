/// The parts of AWS credentials, and what each may hold wherever it is read.
///
/// Printable ASCII without blanks, quotes or backslashes, of a bounded length: so a value can stand in JSON, a
/// header or a shell line as it is, and nothing hostile passes from one peer to the next.
package enum CredentialField: String, Sendable, CaseIterable {
    case accessKeyID = "AccessKeyId"
    case secretAccessKey = "SecretAccessKey"
    case sessionToken = "SessionToken"

    /// Whether `text` can be this part.
    package func accepts(_ text: String) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    private var length: ClosedRange<Int> {
        switch self {
        case .accessKeyID: 1...128
        case .secretAccessKey: 1...256
        case .sessionToken: 1...16_384
        }
    }
}
