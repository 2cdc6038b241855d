/// The result of one check.
struct DoctorFinding: Equatable, Sendable, Codable {
    let check: Topic
    let state: State
    /// The message, in lower case, without a full stop or secrets.
    let message: String
    /// The command that fixes the problem or shows more; nil when nothing is wrong.
    let fix: String?

    /// The subject of a check, in display order; scripts may rely on these words.
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
        /// It works today, or only for some clients.
        case warning = "warning"
        case problem = "problem"
        /// The check could not run, since something else is wrong or missing.
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

/// A check of `creds doctor`.
///
/// It changes nothing, and waits for nothing without a limit.
protocol DoctorCheck: Sendable {
    func findings(_ subject: DoctorContext) async -> [DoctorFinding]
}
