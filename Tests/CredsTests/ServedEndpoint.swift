import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A local endpoint of the built `creds`, for the duration of a closure.
struct ServedEndpoint: Sendable {
    let home: Home
    let processID: ProcessIdentifier
    /// The variables that it printed, and those of the home folder.
    let variables: [String: String]

    var url: String { variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "" }
    var tokenFile: FilePath { FilePath(variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] ?? "") }
    var token: String {
        (try? Data(contentsOf: URL(filePath: tokenFile.string))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Stops it by SIGTERM afterwards, which has to be a successful exit.
    ///
    /// `openFiles` limits the number of its open files (Linux).
    static func run<Result: Sendable>(
        _ home: Home,
        _ arguments: [String] = ["serve"],
        environment: [String: String] = [:],
        openFiles: Int? = nil,
        body: (ServedEndpoint) async throws -> Result
    ) async throws -> Result {
        let own = home.environment.merging(environment) { $1 }
        let names = own.map { (Environment.Key(stringLiteral: $0), $1) }
        let creds = [Checkout.program("creds")] + arguments + ["--format", "json"]
        let command = openFiles.map { ["/usr/bin/prlimit", "--nofile=\($0):\($0)"] + creds } ?? creds
        let ended = try await Subprocess.run(
            .path(FilePath(command[0])),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(Dictionary(uniqueKeysWithValues: names)),
            input: .none,
            output: .sequence,
            error: .currentStandardError
        ) { child in
            var printed: [String: String] = [:]
            for try await line in child.standardOutput.strings() {
                printed = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
            }
            let endpoint = ServedEndpoint(
                home: home,
                processID: child.processIdentifier,
                variables: own.merging(printed) { $1 }
            )
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(endpoint))
            } catch {
                outcome = .failure(error)
            }
            try child.send(signal: .terminate)
            return try outcome.get()
        }
        #expect(ended.terminationStatus == .exited(0))
        return ended.closureResult
    }

    /// Sends a request with the right token and `options`.
    func get(_ options: String...) async throws -> Program.Outcome {
        try await curl(options)
    }

    /// Sends a request with `options`; without a `token` they bring their own.
    func curl(_ options: [String], path: String = "/credentials", sendsToken: Bool = true) async throws
        -> Program.Outcome
    {
        let origin = url.replacing("/credentials", with: "")
        let authorization = sendsToken ? ["-H", "Authorization: \(token)"] : []
        return try await Program("/usr/bin/curl").run(["-s"] + authorization + options + [origin + path])
    }

    /// Runs a script in the Python that has boto3, with the endpoint's variables.
    func python(_ script: String, _ arguments: String...) async throws -> Program.Outcome {
        try await Program(Checkout.peer("python"), environment: variables).run(["-c", script] + arguments)
    }
}
