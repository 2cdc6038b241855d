import BursarModel
import Logging
import Vending

/// A ledger that tells the log of each vend, once it is on record: one line, no secret.
struct LoggingAuditLog: AuditLog {
    let ledger: any AuditLog
    let logger: Logger

    func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage {
        let use = try await ledger.record(vend)
        logger.info(
            "vended",
            metadata: [
                "researcher": "\(vend.key.researcher)",
                "key": "\(vend.key.id)",
                "address": "\(vend.address)",
                "accessKeyID": "\(vend.accessKeyID)",
                "expiration": "\(Timestamp.string(vend.expiration))",
                "requestID": "\(vend.requestID)",
            ]
        )
        return use
    }

    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        try await ledger.use(of: key, on: day)
    }
}
