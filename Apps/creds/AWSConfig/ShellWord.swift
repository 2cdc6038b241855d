import BursarModel

/// One word of a command line, quoted so that it comes out whole wherever a `credential_process` is split.
///
/// botocore and the AWS CLI split by Python's `shlex` and run no shell; other SDKs hand the line to `sh -c`. Both read
/// single quotes alike.
enum ShellWord {
    /// nil when no quoting helps: control characters end the line, and some SDKs cut it at ` #` and ` ;`.
    static func quote(_ word: String) -> String? {
        guard !word.isEmpty, !word.unicodeScalars.contains(where: isControl) else { return nil }
        guard !word.contains(" #"), !word.contains(" ;") else { return nil }
        if word.utf8.allSatisfy(isPlain) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'"'"'"#) + "'"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || "_@%+=:,./-".utf8.contains(byte)
    }
}
