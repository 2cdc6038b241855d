import BursarModel
import Vending

/// An issuer whose answers are timed.
struct MeasuredIssuer: CredentialIssuer {
    let issuer: any CredentialIssuer
    let metrics: ServerMetrics

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        let start = ContinuousClock.now
        do throws(IssuerError) {
            let credentials = try await issuer.issue(request)
            metrics.asked(in: .now - start, failure: nil)
            return credentials
        } catch {
            metrics.asked(in: .now - start, failure: error)
            throw error
        }
    }
}
