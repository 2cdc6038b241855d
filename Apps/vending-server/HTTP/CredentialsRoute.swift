import BursarModel
import Hummingbird
import Vending

/// `GET /credentials`, and `/prod/credentials` for helpers that were set up against API Gateway: the answer of
/// `credential_process`, its `Expiration` ending in `+00:00`, since helpers on old Pythons can't read `Z`.
struct CredentialsRoute {
    let service: VendingService

    @Sendable func callAsFunction(_ request: Request, _ context: VendingContext) async throws -> Response {
        let wish = VendingService.VendOptions(minLeft: try request.minLeft())
        let vended = try await service.vend(to: try request.caller(context), wish)
        var response = ServedResponse.json(ProcessOutput(vended.session.credentials).json(.offset).reveal())
        response.headers.setQuota(vended.quota)
        return response
    }

    @Sendable func head(_ request: Request, _ context: VendingContext) async throws -> Response {
        let wish = VendingService.VendOptions(minLeft: try request.minLeft())
        return ServedResponse.withoutVend(try await service.rehearse(for: try request.caller(context), wish))
    }
}
