/// What one look at one thing brought.
struct Finding: Equatable, Sendable, Codable {
    let check: Topic
    let state: State
    /// Lower case, without a full stop, without a secret.
    let message: String
    /// The command that mends it, or shows more; nil when nothing is wrong.
    let fix: String?

    /// What was looked at, in the order in which it is shown; scripts may rely on these words.
    enum Topic: String, Codable, CaseIterable, Sendable {
        case profile = "profile"
        case files = "files"
        case disk = "disk"
        case awsConfig = "aws-config"
        case awsCredentials = "aws-credentials"
        case environment = "environment"
        case bearerToken = "bearer-token"
        case network = "network"
        case server = "server"
        case clock = "clock"
        case key = "key"
        case address = "address"
        case session = "session"
        case lastError = "last-error"
        case clients = "clients"
        case model = "model"
    }

    enum State: String, Codable, CaseIterable, Sendable {
        case ok = "ok"
        /// Works today, or only for some clients.
        case warning = "warning"
        case problem = "problem"
        /// Couldn't be looked at, since something else is wrong or missing.
        case skipped = "skipped"
    }

    static func ok(_ check: Topic, _ message: String) -> Self {
        Self(check: check, state: .ok, message: message, fix: nil)
    }

    static func skipped(_ check: Topic, _ message: String) -> Self {
        Self(check: check, state: .skipped, message: message, fix: nil)
    }

    static func warning(_ check: Topic, _ message: String, fix: String) -> Self {
        Self(check: check, state: .warning, message: message, fix: fix)
    }

    static func problem(_ check: Topic, _ message: String, fix: String) -> Self {
        Self(check: check, state: .problem, message: message, fix: fix)
    }
}

/// One kind of trouble that `creds doctor` looks for; changes nothing, and waits for nothing without a limit.
protocol DoctorCheck: Sendable {
    func findings(_ subject: DoctorContext) async -> [Finding]
}
