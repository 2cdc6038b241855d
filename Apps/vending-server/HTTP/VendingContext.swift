import BursarModel
import Hummingbird
import NIOCore
import Vending

/// What a request's handlers know of it besides the request.
struct VendingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address; nil on a socket that has none.
    let peer: IPAddress?
    /// Where the request comes from, proxies considered.
    var client: ClientAddressRule.Outcome

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        client = .none(reason: "nobody has looked yet")
    }

    var address: IPAddress? {
        switch client {
        case .address(let address), .untrustedHeader(let address): address
        case .none: nil
        }
    }
}
