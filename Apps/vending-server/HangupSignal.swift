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

/// What SIGHUP does to a server: the certificate is read again at once, and everything goes on.
///
/// It is what a certificate's renewal sends, and `systemctl reload`; and what a closed terminal does. Left alone it would
/// cut off requests without a line in the log, and systemd would take that for an end that was asked for.
struct HangupSignal: Service {
    let certificate: ServedCertificate?
    let logger: Logger

    /// Keeps the signal from ending the process until ``run()`` takes it.
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
