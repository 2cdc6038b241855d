import Hummingbird
import NIOCore

/// What a request's handlers know of it besides the request.
struct VendingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address without its port; nil on a socket that has none.
    let address: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress
    }
}
