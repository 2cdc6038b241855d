import Console
import ServerSettings
import Synchronization
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the server says of itself.
enum ServerHealth: Equatable, Sendable, CustomStringConvertible {
    case unknown
    case ready(String)
    /// It answers, and can't vend.
    case notReady(String, parts: [String])
    case silent(String)

    var isReady: Bool {
        if case .ready = self { true } else { false }
    }

    var description: String {
        switch self {
        case .unknown: "…"
        case .ready(let url): "ready at \(url)"
        case .notReady(let url, let parts): "not ready at \(url): \(parts.joined(separator: ", "))"
        case .silent(let url): "no server answers at \(url)"
        }
    }
}

/// Asks the server that the settings name how it is.
struct ServerProbe: Sendable {
    let url: String
    private let transport: HTTPTransport

    init(_ reader: SettingReader, environment: [String: String]) throws(Problem) {
        let port = try reader.value(.httpPort, or: 8080, expecting: "a port, 0 to 65535") { ListenAddress.port($0) }
        let host =
            switch reader.text(.httpHost) ?? "127.0.0.1" {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            case let name: name
            }
        let scheme = reader.text(.tlsCertificate) == nil ? "http" : "https"
        url = "\(scheme)://\(ListenAddress(host: host, port: port))"
        transport = HTTPTransport(environment: environment)
    }

    func health() async -> ServerHealth {
        let limits = TransferLimits(connect: .seconds(1), total: .seconds(2), stall: .seconds(2), body: 64 << 10)
        var request = OutboundRequest(url: url + "/readyz", limits: limits)
        request.goesDirect = true
        guard let answer = try? await transport.send(request),
            let body = try? JSONDecoder().decode(Body.self, from: answer.body)
        else { return .silent(url) }
        guard !body.ready else { return .ready(url) }
        return .notReady(url, parts: body.parts.filter { $0.value != "ok" }.map { "\($0.key) \($0.value)" }.sorted())
    }

    private struct Body: Decodable {
        let ready: Bool
        let parts: [String: String]
    }
}

/// Asks the server once a second, beside what else goes on.
final class ServerWatch: Sendable {
    private let probe: ServerProbe
    private let found = Mutex(ServerHealth.unknown)

    init(_ probe: ServerProbe) {
        self.probe = probe
    }

    /// As it was last.
    var health: ServerHealth { found.withLock { $0 } }

    /// Goes on until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let health = await probe.health()
            found.withLock { $0 = health }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
