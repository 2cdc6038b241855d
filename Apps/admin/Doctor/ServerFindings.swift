import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import ServerSettings
import Storage
import SystemPackage

/// Whether a server works on the database here, and whether it could vend.
struct ServerFindings {
    let context: AdminContext
    let url: String?

    func findings() async -> [Finding] {
        let server = context.server
        guard server != nil || url != nil else {
            let detail = "none works on this database on this machine, so nobody writes the chain's head into a log"
            return [.warning("server", detail, hint: "vending-server serve; with a server elsewhere: --url URL")]
        }
        let name = server.map { "running (\($0.description))" } ?? "elsewhere"
        let files = server?.processID.flatMap { openFiles(of: $0) }.map { [$0] } ?? []
        do {
            let address = try context.serverURL(url)
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
        let connections = try? context.settings().connections
        return ServerOpenFiles.finding(limit, connections: connections, of: "the server's limit")
    }

    private func readiness(of address: ServerURL, _ name: String) async -> Finding {
        switch await ServerProbe(address, environment: context.environment).health() {
        case .ready: .ok("server", "\(name), ready at \(address); it logs the chain's head each minute")
        case .notReady(_, let parts):
            .problem(
                "server",
                UserFacingError("\(name), not ready: \(parts.joined(separator: ", "))", hint: "its log says why")
            )
        case .silent, .unknown:
            .problem(
                "server",
                UserFacingError(
                    "\(name), but nothing of ours answers at \(address)",
                    hint: "--url URL, if it listens elsewhere"
                )
            )
        }
    }
}
