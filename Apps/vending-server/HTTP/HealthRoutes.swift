import Hummingbird

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
            database: readiness.isDatabaseReadable() ? "ok" : "not readable",
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
    let isDatabaseReadable: @Sendable () -> Bool
    let canRecord: @Sendable () -> Bool
    let isIssuerAway: @Sendable () -> Bool
    let isPaused: @Sendable () -> Bool
}
