import CCurl

/// Which directions of a transfer are paused, and when to look after one that is.
struct Backpressure {
    /// How often a body that has nothing to send is looked after.
    private static let interval = Duration.seconds(1)

    /// libcurl's bits of the directions that are paused.
    var directions: CInt = CURLPAUSE_CONT {
        didSet { if !holds(CURLPAUSE_SEND) { nextLook = nil } }
    }
    /// When to look after sending that is paused, once there is an answer.
    ///
    /// libcurl stops sending when it has the whole answer, but doesn't end a transfer that is paused (7.88).
    private(set) var nextLook: ContinuousClock.Instant?
    private var hasReceived = false

    func holds(_ direction: CInt) -> Bool {
        directions & direction != 0
    }

    mutating func begin(_ direction: CInt, at now: ContinuousClock.Instant) {
        directions |= direction
        if direction == CURLPAUSE_SEND {
            nextLook = now.advanced(by: Self.interval)
            hasReceived = false
        }
    }

    mutating func noteReceived() {
        hasReceived = true
    }

    /// Whether libcurl has to be let have a look, at most once for each answer that is true.
    mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard let nextLook, hasReceived || nextLook <= now else { return false }
        self.nextLook = now.advanced(by: Self.interval)
        hasReceived = false
        return true
    }
}
