import ServerSettings

/// Where and how the server listens.
struct ListenConfiguration: Sendable {
    var address: ListenAddress
    /// nil is plain HTTP.
    var certificate: ServedCertificate?
    /// Connections held at once.
    var connections = MemoryBudget.usualConnections
    /// Where metrics are asked for; nil is nowhere.
    var metrics: ListenAddress?
    /// Whether SIGHUP has the certificate read again; else it does what it always does, and ends the process.
    var goesOnAfterHangUp = false
    var limits = Limits()

    /// How long a client may take.
    struct Limits: Sendable {
        /// Nothing on its way after an answer: longer than the 60 s after which load balancers of AWS close theirs, so
        /// that none sends a request into a connection that is just being closed.
        var idle = Duration.seconds(75)
        /// For the TLS greeting, for the first request, from a later one's first byte to its last, and for taking the
        /// answer.
        var request = Duration.seconds(10)
    }
}
