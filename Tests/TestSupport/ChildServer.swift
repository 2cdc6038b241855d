package import Subprocess

/// A server that a test runs as a child process, for as long as a closure lasts.
///
/// The child prints `listening PORT` (or another word before the port) on a line when it is ready, and ends
/// on SIGTERM; it is killed when it doesn't, and reaped in either case.
package struct ChildServer: Sendable {
    /// Where it listens on loopback.
    package let port: Int
    package let processID: ProcessIdentifier
    /// Its output after it is ready; to be iterated by one task.
    package let lines: AsyncStream<String>
    private let terminate: @Sendable () -> Void

    /// The server's address: `http://127.0.0.1:PORT`.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Waits for a line, passing over others; false when the server ends without it.
    package func says(_ line: String) async -> Bool {
        await lines.contains(line)
    }

    /// Asks it to end, as the closure's end does.
    package func stop() {
        terminate()
    }

    /// Why a server could not be used.
    package enum Failure: Error {
        /// It ended, or closed its standard output, before it was ready; what it said is on our standard error.
        case endedEarly
    }

    /// Starts `program`, waits until it listens, and runs `body`.
    ///
    /// `environment` changes our own (nil takes a variable away); `announcement` is what stands before the port, at the
    /// start of a line.
    package static func run<Result: Sendable>(
        _ program: Executable,
        _ arguments: [String],
        environment: [Environment.Key: String?] = [:],
        announcement: String = "listening ",
        body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await Subprocess.run(
            program,
            arguments: Arguments(arguments),
            environment: .inherit.updating(environment),
            input: .none,
            output: .sequence,
            error: .currentStandardError
        ) { child in
            let (lines, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(4096))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { continuation.finish() }
                    for try await line in child.standardOutput.strings() { continuation.yield(line) }
                }
                group.addTask {
                    // What waits for its lines or answers then fails.
                    try await Task.sleep(for: Program.limit)
                    try child.send(signal: .kill)
                }
                let outcome: Swift.Result<Result, any Error>
                do {
                    let server = ChildServer(
                        port: try await port(in: lines, after: announcement),
                        processID: child.processIdentifier,
                        lines: lines,
                        terminate: { try? child.send(signal: .terminate) }
                    )
                    outcome = .success(try await body(server))
                } catch {
                    outcome = .failure(error)
                }
                await child.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))])
                group.cancelAll()
                return try outcome.get()
            }
        }.closureResult
    }

    private static func port(in lines: AsyncStream<String>, after announcement: String) async throws -> Int {
        for await line in lines {
            guard let found = line.firstRange(of: announcement) else { continue }
            if let port = Int(line[found.upperBound...].prefix { $0.isNumber }) { return port }
        }
        throw Failure.endedEarly
    }
}
