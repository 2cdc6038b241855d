import BursarFoundation
import BursarModel

/// Sentences that several commands print.
enum AdminMessages {
    /// The time until which credentials already handed out keep working, as a sentence.
    static func lifetime(of liveUntil: Date?) -> String {
        liveUntil.map { "credentials that were handed out work until \(Timestamp.string($0))" }
            ?? "no credentials that were handed out are alive"
    }
}
