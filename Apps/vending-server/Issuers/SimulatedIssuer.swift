import BursarFoundation
import BursarModel
import Vending

/// Credentials that look like AWS's and that AWS will refuse: for trying things out on one machine.
///
/// Their access key ids begin with `ASIASIMULATED`. The server binds this issuer to loopback.
struct SimulatedIssuer: CredentialIssuer {
    let now: @Sendable () -> Date

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        var random = SystemRandomNumberGenerator()
        return SessionCredentials(
            accessKeyID: "ASIASIMULATED" + Base62.random(length: 7, using: &random).uppercased(),
            secretAccessKey: Secret("SIMULATED" + Base62.random(length: 31, using: &random)),
            sessionToken: Secret("SIMULATED" + Base62.random(length: 200, using: &random)),
            expiration: now().addingTimeInterval(TimeInterval(request.duration.seconds))
        )
    }
}
