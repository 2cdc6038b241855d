import BursarCore
import Console
import Files
import ServerSettings
import Storage
import SystemPackage
import Transport

/// Whether a server works on the database here, and whether it could vend.
struct ServerFindings {
    let desk: Desk
    let url: String?

    func findings() async -> [Finding] {
        let server = desk.server
        guard server != nil || url != nil else {
            let detail = "none works on this database on this machine, so nobody writes the chain's head into a log"
            return [.warning("server", detail, hint: "vending-server serve; with a server elsewhere: --url URL")]
        }
        let name = server.map { "running (\($0.description))" } ?? "elsewhere"
        let files = server?.processID.flatMap { openFiles(of: $0) }.map { [$0] } ?? []
        do {
            let address = try desk.serverURL(url)
            return [await readiness(of: address, name)] + files
        } catch {
            return [.warning("server", "\(name), not asked: \(error.problem)", hint: error.hint)] + files
        }
    }

    /// Whether the server that runs may open as many files as its settings need; nil where the system doesn't say.
    private func openFiles(of process: Int32) -> Finding? {
        guard let content = try? FileContent.read(FilePath("/proc/\(process)/limits"), limit: 64 << 10),
            let limit = ServerOpenFiles.limit(in: String(decoding: content, as: UTF8.self))
        else { return nil }
        let connections = try? desk.settings().connections
        return ServerOpenFiles.finding(limit, connections: connections, of: "the server's limit")
    }

    private func readiness(of address: ServerURL, _ name: String) async -> Finding {
        switch await ServerProbe(address, environment: desk.environment).health() {
        case .ready: .ok("server", "\(name), ready at \(address); it logs the chain's head each minute")
        case .notReady(_, let parts):
            .problem(
                "server",
                Problem("\(name), not ready: \(parts.joined(separator: ", "))", hint: "its log says why")
            )
        case .silent, .unknown:
            .problem(
                "server",
                Problem(
                    "\(name), but nothing of ours answers at \(address)",
                    hint: "--url URL, if it listens elsewhere"
                )
            )
        }
    }
}
