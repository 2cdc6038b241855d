import BursarConsole
import BursarFoundation
import BursarModel
import HummingbirdTLS
import Logging
import NIOCertificateReloading
import NIOSSL
import ServerSettings
import ServiceLifecycle
import Synchronization

/// The served certificate.
///
/// It is read again every few seconds, so that a renewed one needs no restart.
///
/// If the reloaded pair is invalid, it is reported once and the last valid pair stays in use.
struct ServedCertificate: Service {
    private let reloader: TimedCertificateReloader
    private let report: ReloadReport
    /// TLS 1.2 or newer, a fresh secret for each connection, HTTP/1.1.
    let configuration: TLSConfiguration

    /// - Throws: ``UserFacingError`` with the file that can't be used, and the reason.
    init(_ files: TLSFiles, every interval: Duration = .seconds(2), logger: Logger) throws(UserFacingError) {
        let pair = try CertificatePair(files)
        let report = ReloadReport(files: files, logger: logger)
        self.report = report
        do {
            reloader = try .makeReloaderValidatingSources(
                configuration: Self.reloading(files, every: interval, report)
            )
            var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
            configuration.minimumTLSVersion = .tlsv12
            // For TLS 1.2. NIOSSL's own list has key exchanges by which a stolen key decrypts recorded traffic.
            configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
            configuration.applicationProtocols = ["http/1.1"]
            _ = try NIOSSLContext(configuration: configuration)
            self.configuration = configuration
        } catch let error as TimedCertificateReloader.Error where error == .publicKeyMismatch {
            throw UserFacingError(
                "\(files.key) is not the key of \(files.certificate)",
                hint: "the server's own certificate has to be the first in the file"
            )
        } catch {
            throw UserFacingError(
                "\(files.certificate) and \(files.key) can't be served",
                hint: "keys that can be served are RSA, EC (P-256, P-384, P-521) and Ed25519"
            )
        }
        report.isServed()
        logger.info("serving TLS", metadata: ["certificateEnds": "\(Timestamp.string(pair.end))"])
    }

    func run() async throws {
        try await reloader.run()
    }

    /// Reads the files at once; returns false when they can't be used now, which is logged again.
    func reload() -> Bool {
        report.repeatFailure()
        return (try? reloader.reload()) != nil
    }

    private static func reloading(
        _ files: TLSFiles,
        every interval: Duration,
        _ report: ReloadReport
    ) -> TimedCertificateReloader.Configuration {
        TimedCertificateReloader.Configuration(
            refreshInterval: interval,
            certificateSource: .init(
                location: .memory { try CertificatePair.certificates(files) },
                format: .pem
            ),
            privateKeySource: .init(
                location: .memory { try CertificatePair.privateKey(files) },
                format: .pem
            )
        ) { configuration in
            configuration.onCertificateLoaded = { report.loaded(isNew: $0.isNew) }
            configuration.onCertificateLoadFailed = { report.failed($0.error) }
        }
    }
}

/// Reports changes once, not at every reload.
private final class ReloadReport: Sendable {
    private let files: TLSFiles
    private let logger: Logger
    private let failure = Mutex<String?>(nil)
    private let hasServed = Mutex(false)

    init(files: TLSFiles, logger: Logger) {
        self.files = files
        self.logger = logger
    }

    /// Marks the certificate as served.
    ///
    /// From now on a failure leaves a valid certificate in place; before, it stops the start.
    func isServed() {
        hasServed.withLock { $0 = true }
    }

    /// Logs the next failure even if it is identical to the last one logged.
    func repeatFailure() {
        failure.withLock { $0 = $0.map { _ in "" } }
    }

    func loaded(isNew: Bool) {
        let hadFailed = failure.withLock { failure in
            defer { failure = nil }
            return failure != nil
        }
        guard isNew || hadFailed else { return }
        logger.notice("the certificate was read again", metadata: ["file": "\(files.certificate)"])
    }

    func failed(_ error: any Error) {
        guard hasServed.withLock({ $0 }) else { return }
        let cause = (error as? UserFacingError)?.problem ?? "\(error)"
        let isNews = failure.withLock { failure in
            defer { failure = cause }
            return failure != cause
        }
        guard isNews else { return }
        logger.error(
            "the certificate can't be read again; the last good one stays",
            metadata: ["file": "\(files.certificate)", "key": "\(files.key)", "cause": "\(cause)"]
        )
    }
}

extension TimedCertificateReloader.CertificateChainAndKeyPairReloadDiff {
    /// True if the pair differs from the last valid one; the first pair is not a change.
    fileprivate var isNew: Bool {
        previousCertificateChain.map { $0 != currentCertificateChain || previousPrivateKey != currentPrivateKey }
            ?? false
    }
}
