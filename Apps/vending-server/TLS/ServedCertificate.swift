import BursarCore
import Console
import HummingbirdTLS
import Logging
import NIOCertificateReloading
import NIOSSL
import ServerSettings
import ServiceLifecycle
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The certificate that is served: read again every few seconds, so that a renewed one needs no restart.
///
/// A pair that can't be used on the way is told once and the last good one stays.
struct ServedCertificate: Service {
    private let reloader: TimedCertificateReloader
    /// TLS 1.2 or newer, a fresh secret for each connection, HTTP/1.1.
    let configuration: TLSConfiguration

    /// - Throws: which of the files can't be used, and why.
    init(_ files: TLSFiles, every interval: Duration = .seconds(2), logger: Logger) throws(Problem) {
        let pair = try CertificatePair(files)
        do {
            reloader = try .makeReloaderValidatingSources(
                configuration: Self.reloading(files, every: interval, logger: logger)
            )
            var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
            configuration.minimumTLSVersion = .tlsv12
            // Of TLS 1.2; NIOSSL's own list has key exchanges with which a stolen key reads what was recorded before.
            configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
            configuration.applicationProtocols = ["http/1.1"]
            _ = try NIOSSLContext(configuration: configuration)
            self.configuration = configuration
        } catch let error as TimedCertificateReloader.Error where error == .publicKeyMismatch {
            throw Problem("\(files.key) is not the key of \(files.certificate)")
        } catch {
            throw Problem("\(files.certificate) and \(files.key) can't be served")
        }
        logger.info("serving TLS", metadata: ["certificateEnds": "\(Timestamp.string(pair.end))"])
    }

    func run() async throws {
        try await reloader.run()
    }

    private static func reloading(
        _ files: TLSFiles,
        every interval: Duration,
        logger: Logger
    ) -> TimedCertificateReloader.Configuration {
        let report = ReloadReport(files: files, logger: logger)
        return TimedCertificateReloader.Configuration(
            refreshInterval: interval,
            certificateSource: .init(
                location: .memory { try CertificatePair.read(files.certificate, isSecret: false) },
                format: .pem
            ),
            privateKeySource: .init(
                location: .memory { try CertificatePair.read(files.key, isSecret: true) },
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

    init(files: TLSFiles, logger: Logger) {
        self.files = files
        self.logger = logger
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
        let cause = (error as? Problem)?.problem ?? "\(error)"
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
