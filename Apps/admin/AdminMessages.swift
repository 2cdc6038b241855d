import BursarFoundation
import BursarModel

/// Sentences that several commands print.
enum AdminMessages {
    /// How long credentials that were handed out go on working.
    static func lifetime(of liveUntil: Date?) -> String {
        liveUntil.map { "credentials that were handed out work until \(Timestamp.string($0))" }
            ?? "no credentials that were handed out are alive"
    }
}

/// A word quoted for a shell, where it needs quotes.
enum ShellWord {
    static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_+=,.@/:-".utf8.contains($0) }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
