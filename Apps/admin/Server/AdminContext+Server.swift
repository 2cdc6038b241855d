import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import SQLiteStore
import ServerSettings
import Storage
import Vending

extension AdminContext {
    /// The server on this machine that uses the database; nil when there is none, or when that is unknown.
    var server: PresenceLock.Holder? {
        database.file.flatMap { try? ServerPresence.server(on: $0) }
    }

    /// Notes that no server on this machine applies the change.
    func noteWithoutServer() {
        // Servers of a shared database run elsewhere.
        guard database.file != nil, server == nil else { return }
        terminal.note("no server works on this database on this machine; the next one will obey")
    }

    /// - Throws: ``UserFacingError`` while a server uses the database.
    func refuseWhileServed() throws {
        guard server == nil else { throw StoreError.served(path: databasePath) }
    }
}

extension PresenceLock.Holder {
    var description: String { processID.map { "process \($0)" } ?? "a process of another container" }
}

extension AdminContext {
    /// Returns the server's URL on this machine by its settings; `option` takes precedence.
    ///
    /// - Throws: ``UserFacingError`` when it is unknown, or when a key must not be sent there.
    func serverURL(_ option: String?) throws(UserFacingError) -> ServerURL {
        let text: String
        if let option { text = option } else { text = try configuredURL() }
        do {
            return try ServerURL(parsing: text)
        } catch {
            let message =
                switch error {
                case .notHTTPS: "plain HTTP is for this machine only"
                default: "\(ControlText.visible(text)) is not a server's address"
                }
            let hint = "--url https://SERVER"
            throw option == nil ? UserFacingError(message, hint: hint) : UserFacingError.misuse(message, hint: hint)
        }
    }

    /// Returns the URL for requests with a key: ``serverURL(_:)``, except for a server that takes this machine for its
    /// proxy.
    ///
    /// Such a server takes the client's address from the proxy's headers, and finds none in a request from here. It is
    /// called by its public URL instead, and `note` says so.
    func selftestURL(_ option: String?) throws(UserFacingError) -> (url: ServerURL, note: String?) {
        let url = try serverURL(option)
        guard option == nil, let address = try trustedSelf() else { return (url, nil) }
        guard let publicURL = try KeyRules(reader).publicURL else {
            throw UserFacingError(
                "the server takes \(address) for its proxy, so it can't tell where requests of this machine come from",
                hint: "--url https://SERVER, as researchers reach it, or set \(Setting.publicURL.environmentName)"
            )
        }
        let note = "the server takes \(address) for its proxy, so it is asked through that, at \(publicURL)"
        return (publicURL, publicURL == url ? nil : note)
    }

    /// Returns the address of this machine's requests to the local server, if that is a trusted proxy's.
    private func trustedSelf() throws(UserFacingError) -> IPAddress? {
        let host = ListenAddress(host: try ListenAddress.host(.httpHost, reader), port: 0).onThisMachine.host
        // A request to any loopback address comes from the first one.
        let own = Loopback.contains(host: host) && !host.contains(":") ? "127.0.0.1" : host
        guard let address = IPAddress(own), let trusted = try ClientAddressRule(reader).trusted else { return nil }
        return trusted.contains(address) ? address : nil
    }

    private func configuredURL() throws(UserFacingError) -> String {
        let port = try reader.value(.httpPort, or: 8080, expecting: "a port, 0 to 65535") { ListenAddress.port($0) }
        guard port != 0 else {
            throw UserFacingError(
                "the server takes any free port",
                hint: "its log says which: --url http://127.0.0.1:PORT"
            )
        }
        let address = ListenAddress(host: try ListenAddress.host(.httpHost, reader), port: port)
        guard try TLSFiles(reader) != nil else { return "http://\(address.onThisMachine)" }
        // A certificate is valid for the public name.
        if let url = try KeyRules(reader).publicURL { return url.description }
        return "https://\(address.onThisMachine)"
    }
}

extension LocalServerSettings {
    /// The settings as a command of this shell finds them.
    ///
    /// - Throws: ``UserFacingError`` when a setting is malformed.
    init(_ context: AdminContext) throws(UserFacingError) {
        try self.init(context.reader, environment: context.environment) { () throws(UserFacingError) in
            try context.settings()
        }
    }
}
