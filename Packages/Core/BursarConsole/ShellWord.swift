import BursarModel

/// Quotes one word for the shell or program that reads it.
package enum ShellWord {
    /// A word in a POSIX shell's command line: bare where it is plain, else between single quotes.
    package static func quoted(_ word: String) -> String {
        isPlain(word) ? word : posix(word)
    }

    /// A word of a `credential_process`; nil for one that no quoting protects.
    ///
    /// botocore and the AWS CLI split the line by Python's `shlex` and run no shell; other SDKs pass it to `sh -c`. Both
    /// read single quotes alike. Control characters end the line, and some SDKs cut it at ` #` and ` ;`.
    package static func inCredentialProcess(_ word: String) -> String? {
        guard !word.isEmpty, !word.unicodeScalars.contains(where: isControl) else { return nil }
        guard !word.contains(" #"), !word.contains(" ;") else { return nil }
        if isPlain(word) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'"'"'"#) + "'"
    }

    /// Quotes for sh, bash and zsh: between single quotes only the quote itself is special.
    package static func posix(_ value: String) -> String {
        "'" + value.replacing("'", with: #"'\''"#) + "'"
    }

    /// Quotes for fish: between single quotes a backslash and a quote are special, and a backslash escapes them.
    package static func fish(_ value: String) -> String {
        "'" + value.replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#) + "'"
    }

    /// Quotes for csh and tcsh, where `!` recalls an earlier command, between single quotes too, unless a backslash
    /// precedes it.
    ///
    /// - Throws: ``UserFacingError`` for a value with a line break, which `eval` can't take.
    package static func csh(_ value: String) throws(UserFacingError) -> String {
        guard !value.contains(where: \.isNewline) else {
            throw UserFacingError("a value has a line break, and csh can't take it", hint: "use --format json")
        }
        return "'" + value.replacing("'", with: #"'\''"#).replacing("!", with: #"\!"#) + "'"
    }

    /// Quotes for PowerShell: a quote is doubled; typographic ones count as quotes too.
    package static func powershell(_ value: String) -> String {
        "'" + value.map { "'\u{2018}\u{2019}\u{201A}\u{201B}".contains($0) ? "\($0)\($0)" : "\($0)" }.joined() + "'"
    }

    /// Quotes for a `.env` file, whose readers agree on little: plain values bare, others between single quotes.
    ///
    /// - Throws: ``UserFacingError`` for a value with a quote, a backslash or a line break, since readers disagree
    ///   about every form.
    package static func dotenv(_ value: String) throws(UserFacingError) -> String {
        if value.isEmpty || isPlain(value) { return value }
        guard !value.unicodeScalars.contains(where: { $0 == "'" || $0 == #"\"# || $0.value < 0x20 }) else {
            throw UserFacingError(
                "a value can't be written so that every .env reader agrees",
                hint: "use --format json"
            )
        }
        return "'\(value)'"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// True for a word, not an empty one, that every shell and `.env` reader takes unquoted.
    private static func isPlain(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_@%+=:,./-".utf8.contains($0) }
    }
}
