import ServerSettings

/// Where and how the server listens.
struct Listening: Sendable {
    var address: ListenAddress
    /// nil is plain HTTP.
    var certificate: ServedCertificate?
    /// Connections held at once; the next wait for one of them to end.
    var connections = 20_000
    /// Where metrics are asked for; nil is nowhere.
    var metrics: ListenAddress?
    var limits = Limits()

    /// How long a client may take.
    struct Limits: Sendable {
        /// Nothing under way.
        var idle = Duration.seconds(60)
        /// From a request's first byte to its last, and for taking the answer.
        var request = Duration.seconds(10)
    }
}
