import BursarCore
import Vending

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Credentials that look like AWS's and that AWS will refuse: for trying things out on one machine.
///
/// Their access key ids begin with `ASIASIMULATED`. The server binds this issuer to loopback.
struct SimulatedIssuer: CredentialIssuer {
    let now: @Sendable () -> Date

    func issue(_ request: IssueRequest) async throws(IssueFailure) -> SessionCredentials {
        var random = SystemRandomNumberGenerator()
        func text(_ length: Int) -> String {
            Base62.encode((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }, length: length * 2)
        }
        return SessionCredentials(
            accessKeyID: "ASIASIMULATED" + String(text(8).uppercased().suffix(7)),
            secretAccessKey: Secret(String(text(24).suffix(40).prefix(32)) + "SIMULATE"),
            sessionToken: Secret("SIMULATED" + text(100)),
            expiration: now().addingTimeInterval(TimeInterval(request.duration.seconds))
        )
    }
}
