import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Logging
import SQLiteStore
import ServerSettings
import Storage
import SystemPackage
import UnixSignals
import Vending

struct Dev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try Bursar on this machine: nothing to configure, nothing kept.",
        discussion: """
            Makes a throw-away database with one researcher and one key, hands out
            simulated credentials on loopback, and prints the commands to try next. Ctrl-C
            ends it and removes everything it made.
            """
    )

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port = 8080

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("a port is 0 to 65535") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CLIRunner.run(environment) { terminal in
            let openFiles = try ProcessLimits.prepare()
            let folder = try TemporaryFolder(environment: environment)
            defer { folder.remove() }
            let database = folder.path.appending("bursar.sqlite").string
            let store = try Store(creating: database)
            // Changes that `admin` makes to this database take effect here, and are logged.
            try CLIRunner.writing { () throws(FileError) in _ = try ServerPresence.announce(on: database) }
            let keyFile = folder.path.appending("key")
            let key = try issueKey(in: store)
            try CLIRunner.writing { () throws(FileError) in
                try PrivateFile.write(Array((key.text.reveal() + "\n").utf8), to: keyFile)
            }
            let log = Log(level: .notice, format: nil, now: { Date() })
            defer { log.finish() }
            let vending = try VendingApplication(
                store: store,
                issuer: SimulatedIssuer(now: { Date() }),
                terms: ServerTerms(regions: ["us-east-1"]),
                logger: log.logger
            )
            var listening = ListenConfiguration(address: .init(host: "127.0.0.1", port: port))
            listening.connections = ServerOpenFiles.connections(listening.connections, openFiles: openFiles)
            try await vending.buildApplication(listening) { port in
                try? terminal.print(Self.welcome(key: key, keyFile: keyFile, port: port))
            }
            .serve(until: [.sigterm, .sigint, .sighup])
        }
    }

    private func issueKey(in store: Store) throws -> ResearcherKey {
        var random = SystemRandomNumberGenerator()
        let now = Date()
        let act = AuditContext(actor: "vending-server dev", date: now)
        guard let handle = Handle("dev") else { preconditionFailure("dev is a handle") }
        let key = ResearcherKey(using: &random)
        let researcher = Researcher(handle: handle, name: "Developer", email: "dev@localhost", project: "dev")
        _ = try store.administration.add(researcher, by: act)
        _ = try store.administration.add(
            NewKey(
                id: key.id,
                hash: PasswordHash(of: key.text, using: &random),
                researcher: handle,
                label: "vending-server dev",
                expires: now.addingTimeInterval(86_400)
            ),
            by: act
        )
        return key
    }

    private static func welcome(key: ResearcherKey, keyFile: FilePath, port: Int) -> String {
        let url = "http://127.0.0.1:\(port)"
        return """
            Bursar is up at \(url): simulated credentials, which AWS refuses, and a throw-away database.

            Key of the researcher "dev":
              \(key.text.reveal())

            Try it, in another terminal:
              creds install --url \(url) --key-file \(keyFile) --profile bursar-dev
              creds whoami --profile bursar-dev
              creds process --profile bursar-dev
              printf 'x-api-key: %s\\n' "$(cat \(keyFile))" | curl -H @- \(url)/credentials
              creds uninstall --profile bursar-dev --yes

            Ctrl-C ends it and removes everything it made.
            """
    }
}

/// A private temporary folder, removed at the end.
private struct TemporaryFolder {
    let path: FilePath

    init(environment: [String: String]) throws {
        let parent = FilePath(environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
        let name = TemporaryName.make("bursar-dev-")
        let path = parent.appending(name)
        try CLIRunner.writing { () throws(FileError) in try PrivateFolder.create(path) }
        self.path = path
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}

/// Credentials in AWS's format that AWS will refuse, for trials on one machine.
///
/// Their access key ids begin with `ASIASIMULATED`. The server binds this issuer to loopback.
struct SimulatedIssuer: CredentialIssuer {
    let now: @Sendable () -> Date

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        var random = SystemRandomNumberGenerator()
        return SessionCredentials(
            accessKeyID: "ASIASIMULATED" + Base62.random(length: 7, using: &random).uppercased(),
            secretAccessKey: Secret("SIMULATED" + Base62.random(length: 31, using: &random)),
            sessionToken: Secret("SIMULATED" + Base62.random(length: 200, using: &random)),
            expiration: now().addingTimeInterval(TimeInterval(request.duration.seconds))
        )
    }
}
