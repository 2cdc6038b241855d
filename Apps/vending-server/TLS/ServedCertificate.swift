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

/// The certificate that is served: read again every few seconds, so that a renewed one needs no restart.
///
/// A pair that can't be used on the way is told once and the last good one stays.
struct ServedCertificate: Service {
    private let reloader: TimedCertificateReloader
    private let report: ReloadReport
    /// TLS 1.2 or newer, a fresh secret for each connection, HTTP/1.1.
    let configuration: TLSConfiguration

    /// - Throws: which of the files can't be used, and why.
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
            // Of TLS 1.2; NIOSSL's own list has key exchanges with which a stolen key reads what was recorded before.
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

    /// Reads the files at once; false when they can't be used now, which the log then says again.
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

/// Says once what has changed, not at every look.
private final class ReloadReport: Sendable {
    private let files: TLSFiles
    private let logger: Logger
    private let failure = Mutex<String?>(nil)
    private let hasServed = Mutex(false)

    init(files: TLSFiles, logger: Logger) {
        self.files = files
        self.logger = logger
    }

    /// From now on a failure leaves a good certificate in place; before, whoever starts the server is told of it.
    func isServed() {
        hasServed.withLock { $0 = true }
    }

    /// The next failure is logged even when it is the one that was logged last.
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
    /// Whether it differs from the last good one; the first of all is no news.
    fileprivate var isNew: Bool {
        previousCertificateChain.map { $0 != currentCertificateChain || previousPrivateKey != currentPrivateKey }
            ?? false
    }
}
