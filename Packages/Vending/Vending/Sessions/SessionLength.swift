package import BursarFoundation
package import BursarModel

/// How long a session of a key is asked for: as usual, or until the key's end when that comes first.
package struct SessionLength: Sendable, Equatable {
    package let duration: SessionDuration
    /// The key's end, where it comes before the usual session's: AWS's shortest would go on.
    package let notAfter: Date?

    /// `standard` is the server's; the key's own comes before it.
    package init(for key: KeyRecord, standard: SessionDuration, at date: Date) {
        let usual = key.terms.sessionDuration ?? standard
        let untilEnd = key.end.timeIntervalSince(date)
        guard untilEnd < TimeInterval(usual.seconds) else {
            (duration, notAfter) = (usual, nil)
            return
        }
        let shortest = SessionDuration.allowed.lowerBound
        // A key that has ended vends nothing; nobody asks how long for.
        let seconds = Int(max(untilEnd, 0))
        (duration, notAfter) = (SessionDuration(seconds: max(seconds, shortest)) ?? usual, key.end)
    }
}
