import BursarCore
import HTTPTypes
import Hummingbird
import Vending

extension HTTPField.Name {
    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }

    static let apiKey = known("x-api-key")
    /// What the oldest helpers in the field send.
    static let oldAPIKey = known("api-key")
}

extension Request {
    /// The key as it was sent: `x-api-key`, `api-key`, or `Authorization: Bearer`.
    private var presentedKey: String? {
        for name in [HTTPField.Name.apiKey, .oldAPIKey] {
            if let key = headers[name], !key.isEmpty { return key }
        }
        guard let authorization = headers[.authorization], authorization.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(authorization.dropFirst("bearer ".count))
    }

    /// Who asks; a caller without an address is refused.
    func caller(_ context: VendingContext) throws(Refusal) -> VendingService.Caller {
        guard let address = context.address else { throw Refusal(.addressRefused, cause: "the peer has no address") }
        return VendingService.Caller(key: presentedKey, address: address, requestID: context.id)
    }
}
