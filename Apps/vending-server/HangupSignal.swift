import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The handler of SIGHUP: the certificate is read again at once, and serving goes on.
///
/// Certificate renewal tools and `systemctl reload` send it, and so does a closed terminal. By default the signal would
/// end the process without a line in the log, and systemd would take that for a requested stop.
struct HangupSignal: Service {
    let certificate: ServedCertificate?
    let logger: Logger

    /// Ignores the signal until ``run()`` handles it.
    static func ignore() {
        signal(SIGHUP, SIG_IGN)
    }

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            guard let certificate else {
                logger.notice("SIGHUP: there is no certificate to read again; serving goes on")
                continue
            }
            if certificate.reload() { logger.notice("SIGHUP: the certificate was read again; serving goes on") }
        }
    }
}
