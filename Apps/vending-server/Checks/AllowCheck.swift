import BursarCore
import Console
import ServerSettings
import Vending

/// Whether the list of addresses that may ask shuts out a whole family by which the server can be reached.
///
/// Whoever lists IPv4 blocks alone seldom means that a laptop with IPv6 is refused, and it looks like a fault of the
/// key.
enum AllowCheck {
    static func finding(_ settings: Settings) -> Finding? {
        let allowed = Set(settings.terms.allowed.blocks.map(\.network.family))
        guard let missing = reachable(settings).subtracting(allowed).first else { return nil }
        let (name, everywhere) = missing == .v4 ? ("IPv4", "0.0.0.0/0") : ("IPv6", "::/0")
        return .warning(
            "addresses",
            "\(Setting.allow.environmentName) has no \(name) addresses: whoever comes over \(name) is refused",
            hint: "add your networks' \(name) blocks, or \(everywhere), unless that is meant"
        )
    }

    /// The families of addresses that requests can come from.
    private static func reachable(_ settings: Settings) -> Set<IPAddress.Family> {
        // A proxy has clients of both, whatever it connects with itself.
        guard settings.clients.trusted == nil, let address = IPAddress(settings.host), settings.host != "::" else {
            return [.v4, .v6]
        }
        return [address.family]
    }
}
