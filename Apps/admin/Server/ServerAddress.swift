import BursarCore
import Console
import ServerSettings
import Transport

extension Desk {
    /// Where the server answers on this machine, as its settings say; `option` comes first.
    ///
    /// - Throws: ``Problem`` when it can't be said, or when a key must not be sent there.
    func serverURL(_ option: String?) throws(Problem) -> ServerURL {
        let text: String
        if let option { text = option } else { text = try configuredURL() }
        do {
            return try ServerURL(parsing: text)
        } catch {
            switch error {
            case .notHTTPS: throw Problem("plain HTTP is for this machine only", hint: "--url https://SERVER")
            default:
                throw Problem("\(ControlText.visible(text)) is not a server's address", hint: "--url https://SERVER")
            }
        }
    }

    private func configuredURL() throws(Problem) -> String {
        let port = try reader.value(.httpPort, or: 8080, expecting: "a port, 0 to 65535") { ListenAddress.port($0) }
        guard port != 0 else {
            throw Problem("the server takes any free port", hint: "its log says which: --url http://127.0.0.1:PORT")
        }
        let address = ListenAddress(host: reader.text(.httpHost) ?? "127.0.0.1", port: port)
        guard try TLSFiles(reader) != nil else { return "http://\(address.onThisMachine)" }
        // A certificate is for the name that researchers ask.
        if let url = try KeyRules(reader).publicURL { return url.description }
        return "https://\(address.onThisMachine)"
    }
}
