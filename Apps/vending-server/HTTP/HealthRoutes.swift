import Hummingbird
import Storage

/// `GET /healthz`: the process is running.
@Sendable func healthz(_ request: Request, _ context: VendingContext) -> Response {
    ServedResponse.json(#"{"status":"alive"}"#)
}

/// `GET /readyz`: the server's ability to vend, and the component that prevents it.
///
/// It makes no call; it reads the results of the background work.
struct ReadyRoute {
    struct Parts: Encodable {
        let database: String
        let records: String
        let aws: String
        let vending: String
    }

    struct Body: Encodable {
        let ready: Bool
        let parts: Parts
    }

    let readiness: Readiness

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) throws -> Response {
        let parts = Parts(
            database: readiness.database().rawValue,
            records: readiness.canRecord() ? "ok" : "not writable",
            aws: readiness.isIssuerAway() ? "away" : "ok",
            vending: readiness.isPaused() ? "paused" : "ok"
        )
        let isReady = parts.database == "ok" && parts.records == "ok" && parts.vending == "ok"
        return try ServedResponse.json(Body(ready: isReady, parts: parts), status: isReady ? .ok : .serviceUnavailable)
    }
}

/// The last reported state of each component.
struct Readiness: Sendable {
    let database: @Sendable () -> DatabaseState
    let canRecord: @Sendable () -> Bool
    let isIssuerAway: @Sendable () -> Bool
    let isPaused: @Sendable () -> Bool
}

/// The state of the database by the last read, in a word that tells a stranger nothing of where it is.
enum DatabaseState: String, CaseIterable, Sendable {
    case ok
    case notReadable = "not readable"
    /// Its server doesn't answer.
    case unreachable
    /// Its server asks for another login, or shows another certificate.
    case refused
    /// Its server follows another one, and takes no writes.
    case standby
    /// Its server has no connection left.
    case busy
    /// Its server isn't one for Bursar's database.
    case unsuitable
    /// It lacks a record that was committed: a standby without it was promoted, or another database took its place.
    case lostRecords = "lost records"
    /// Its tables aren't those that Bursar makes.
    case altered

    /// The state that an error of a read shows; nil is the last read's success.
    init(_ failure: (any Error)?) {
        guard let failure else {
            self = .ok
            return
        }
        self =
            switch failure as? StoreError {
            case .unreachable: .unreachable
            case .unusable(_, _, _, .login), .unusable(_, _, _, .certificate), .denied: .refused
            case .unusable(_, _, _, .standby): .standby
            case .unusable(_, _, _, .capacity): .busy
            case .unusable: .unsuitable
            case .discontinued: .lostRecords
            case .altered: .altered
            default: .notReadable
            }
    }
}
