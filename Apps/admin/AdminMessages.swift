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
