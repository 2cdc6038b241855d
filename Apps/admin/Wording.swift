import BursarCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sentences that several commands say.
enum Wording {
    /// How long what was handed out before goes on working.
    static func life(of liveUntil: Date?) -> String {
        liveUntil.map { "credentials that were handed out work until \(Timestamp.string($0))" }
            ?? "no credentials that were handed out are alive"
    }
}
