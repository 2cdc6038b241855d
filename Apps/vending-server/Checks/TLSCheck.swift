import BursarConsole
import BursarFoundation
import BursarModel
import Logging
import ServerSettings

/// Whether the certificate and its key can be served, and for how long yet.
enum TLSCheck {
    private static let soon: TimeInterval = 14 * 86_400

    static func finding(_ files: TLSFiles?, at date: Date) -> Finding {
        guard let files else { return .ok("tls", "none: plain HTTP") }
        do {
            _ = try ServedCertificate(files, logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
            let end = try CertificatePair(files).end
            guard end > date else {
                return .problem("tls", UserFacingError("\(files.certificate) ended at \(Timestamp.string(end))"))
            }
            guard end.timeIntervalSince(date) > soon else {
                return .warning("tls", "\(files.certificate) ends at \(Timestamp.string(end))", hint: "renew it")
            }
            return .ok("tls", "\(files.certificate) and its key fit, until \(Timestamp.string(end))")
        } catch {
            return .problem("tls", error)
        }
    }
}
