import BursarModel
import HTTPTypes
import Hummingbird
import Vending

extension Request {
    /// The key as it was sent: `x-api-key`, `api-key`, or `Authorization: Bearer`; with `allowsBare` also
    /// `Authorization` and nothing but the key, as the SDKs send the content of
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    private func presentedKey(allowsBare: Bool) -> String? {
        for name in [HTTPField.Name.apiKey, .oldAPIKey] {
            if let key = headers[name], !key.isEmpty { return key }
        }
        guard let authorization = headers[.authorization] else { return nil }
        guard authorization.lowercased().hasPrefix("bearer ") else { return allowsBare ? authorization : nil }
        return String(authorization.dropFirst("bearer ".count))
    }

    /// Whether `Authorization` is there and says something else than `Bearer`.
    var hasOtherScheme: Bool {
        guard let authorization = headers[.authorization] else { return false }
        return authorization.prefix { $0 != " " }.lowercased() != "bearer"
    }

    /// Who asks; a caller without an address is refused.
    func caller(_ context: VendingContext, allowsBareKey: Bool = false) throws(VendError) -> VendingService.Caller {
        guard let address = context.address else {
            guard case .none(let reason) = context.client else { throw VendError(.unknownAddress) }
            throw VendError(.unknownAddress, cause: reason)
        }
        return VendingService.Caller(
            key: presentedKey(allowsBare: allowsBareKey),
            address: address,
            requestID: context.id
        )
    }
}
