import BursarCore
import Console
import Files
import ServerSettings
import Storage
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
        do {
            let address = try desk.serverURL(url)
            return [await readiness(of: address, name)]
        } catch {
            return [.warning("server", "\(name), not asked: \(error.problem)", hint: error.hint)]
        }
    }

    private func readiness(of address: ServerURL, _ name: String) async -> Finding {
        var request = OutboundRequest(url: address.description + "/readyz", limits: TransferLimits(body: 16 << 10))
        request.goesDirect = address.isLoopbackHTTP
        do {
            let answer = try await HTTPTransport().send(request)
            switch answer.status {
            case 200: return .ok("server", "\(name), ready at \(address); it logs the chain's head each minute")
            case 503:
                let parts = String(decoding: answer.body, as: UTF8.self)
                return .problem("server", Problem("\(name), not ready: \(parts)", hint: "its log says why"))
            default:
                let hint = "is another program there? --url URL names the right one"
                return .problem("server", Problem("\(name), but \(address) answers \(answer.status)", hint: hint))
            }
        } catch {
            let problem = Problem(
                "\(name), but nothing answers at \(address)",
                hint: "--url URL, if it listens elsewhere"
            )
            return .problem("server", problem)
        }
    }
}
