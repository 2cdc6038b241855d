import BursarConsole
import BursarModel

/// One value, written so that a shell takes it as it is.
enum ShellQuoting {
    /// In sh, bash, zsh: nothing is special between single quotes but the quote itself.
    static func posix(_ value: String) -> String {
        "'" + value.replacing("'", with: #"'\''"#) + "'"
    }

    /// In fish a backslash and a quote are special between single quotes, and a backslash takes that away.
    static func fish(_ value: String) -> String {
        "'" + value.replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#) + "'"
    }

    /// In csh and tcsh `!` recalls an earlier command, between single quotes too, unless a backslash is before it.
    ///
    /// - Throws: ``UserFacingError`` for a value with a line break, which `eval` can't take.
    static func csh(_ value: String) throws(UserFacingError) -> String {
        guard !value.contains(where: \.isNewline) else {
            throw UserFacingError("a value has a line break, and csh can't take it", hint: "use --format json")
        }
        return "'" + value.replacing("'", with: #"'\''"#).replacing("!", with: #"\!"#) + "'"
    }

    /// In PowerShell a quote is doubled; typographic ones count as quotes too.
    static func powershell(_ value: String) -> String {
        "'" + value.map { "'\u{2018}\u{2019}\u{201A}\u{201B}".contains($0) ? "\($0)\($0)" : "\($0)" }.joined() + "'"
    }

    /// In a `.env` file, whose readers agree on little: plain values bare, others between single quotes.
    ///
    /// - Throws: ``UserFacingError`` for a value with a quote, a backslash or a line break, since no form is read alike by all.
    static func dotenv(_ value: String) throws(UserFacingError) -> String {
        if value.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_@%+=:,./-".utf8.contains($0) }) { return value }
        guard !value.unicodeScalars.contains(where: { $0 == "'" || $0 == #"\"# || $0.value < 0x20 }) else {
            throw UserFacingError(
                "a value can't be written so that every .env reader agrees",
                hint: "use --format json"
            )
        }
        return "'\(value)'"
    }
}
