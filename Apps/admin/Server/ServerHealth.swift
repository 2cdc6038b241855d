import BursarFoundation
import BursarHTTP
import Synchronization

/// The server's own report of its health.
enum ServerHealth: Equatable, Sendable, CustomStringConvertible {
    case unknown
    case ready(String)
    /// The server responds, and can't vend.
    case notReady(String, parts: [String])
    case silent(String)

    var isReady: Bool {
        if case .ready = self { true } else { false }
    }

    var description: String {
        switch self {
        case .unknown: "not known"
        case .ready(let url): "ready at \(url)"
        case .notReady(let url, let parts): "not ready at \(url): \(parts.joined(separator: ", "))"
        case .silent(let url): "no server answers at \(url)"
        }
    }
}

/// Requests a server's health.
struct ServerProbe: Sendable {
    let server: ServerURL
    private let transport: HTTPTransport

    init(_ server: ServerURL, environment: [String: String]) {
        self.server = server
        transport = HTTPTransport(environment: environment)
    }

    func health() async -> ServerHealth {
        let limits = TransferLimits(connect: .seconds(1), total: .seconds(2), stall: .seconds(2), body: 64 << 10)
        let url = server.description
        var request = HTTPClientRequest(url: url + "/readyz", limits: limits)
        request.goesDirect = server.isLoopbackHTTP
        guard let response = try? await transport.send(request),
            let body = try? JSONDecoder().decode(Body.self, from: response.body)
        else { return .silent(url) }
        guard !body.ready else { return .ready(url) }
        return .notReady(url, parts: body.parts.filter { $0.value != "ok" }.map { "\($0.key) \($0.value)" }.sorted())
    }

    private struct Body: Decodable {
        let ready: Bool
        let parts: [String: String]
    }
}

/// Requests the server's health once a second, in the background.
final class ServerMonitor: Sendable {
    private let probe: ServerProbe?
    private let found = Mutex(ServerHealth.unknown)

    init(_ probe: ServerProbe?) {
        self.probe = probe
    }

    /// The latest result.
    var health: ServerHealth { found.withLock { $0 } }

    /// Runs until its task is cancelled.
    func run() async {
        guard let probe else { return }
        while !Task.isCancelled {
            let health = await probe.health()
            found.withLock { $0 = health }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
