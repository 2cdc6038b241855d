import BursarCore
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The way to one service: its endpoint, who signs, and how often to try.
///
/// Each client is a few functions over one.
struct ServiceConnection: Sendable {
    let service: AWSService
    let endpoint: Endpoint
    /// nil for services that take unsigned calls only.
    let credentials: (any CredentialProvider)?
    let surroundings: Surroundings
    let keys = SigningKeyCache()
    var limits = TransferLimits()

    /// Sends `call` and returns its answer if that is a success.
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    func send(_ call: ServiceCall) async throws -> OutboundResponse {
        let credentials = call.isSigned ? try await credentials?.credentials() : nil
        let request = try signed(call, with: credentials, at: surroundings.now())
        let response = try await exchange(request)
        guard (200..<300).contains(response.status) else {
            throw AWSError.refused(
                RefusalBody.refusal(response, service: service, operation: call.operation, hiding: credentials)
            )
        }
        return response
    }

    private func exchange(_ request: OutboundRequest) async throws -> OutboundResponse {
        do {
            return try await surroundings.send(request)
        } catch let fault as TransportFault {
            throw AWSError.transport(service: service, fault)
        }
    }

    private func signed(
        _ call: ServiceCall,
        with credentials: AWSCredentials?,
        at date: Date
    ) throws -> OutboundRequest {
        var headers = call.headers
        let url = endpoint.url + call.target
        if let credentials {
            let signer = SigV4(service: service.signingName, region: endpoint.signingRegion, keys: keys)
            let request = SigningRequest(
                method: call.method.rawValue,
                url: url,
                headers: headers,
                payload: .bytes(call.body ?? Data())
            )
            headers = try signer.sign(request, with: credentials, at: date).headers
        }
        return OutboundRequest(call.method, url: url, headers: headers, body: call.body, limits: limits)
    }
}
