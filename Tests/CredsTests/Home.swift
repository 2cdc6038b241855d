import BursarFiles
import BursarFoundation
import SystemPackage
import TestSupport

@testable import creds

/// The home folder of one test, removed with this object.
final class Home: Sendable {
    private let folder: TemporaryFolder
    var path: FilePath { folder.path }
    /// A key with a valid checksum.
    static let key = "bursar_0123456789ab_" + String(repeating: "A", count: 43) + "29NqnH"

    /// The folder's name begins with `name`, which contains a blank, as real homes may.
    init(_ name: String = "home of ") throws {
        folder = try TemporaryFolder(name)
    }

    /// The variables of each run, including the library path, which the tests with an old libcurl set.
    var environment: [String: String] {
        let libraries = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        return libraries.merging(["HOME": path.string, "PATH": "/usr/bin:/bin"]) { $1 }
    }
    var config: FilePath { path.appending(".aws/config") }

    /// Runs the built `creds`.
    func creds(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> Program.Outcome {
        let environment = self.environment.merging(environment) { $1 }
        return try await Program(Checkout.program("creds"), environment: environment).run(arguments, input: input)
    }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try folder.write(text, to: name, mode: mode)
    }

    func link(_ name: String, to target: String) throws {
        try folder.link(name, to: target)
    }

    /// The file's text, or nil if it does not exist.
    func text(_ name: String) -> String? { folder.text(name) }

    /// Every file, by its path below the home folder.
    var files: Set<String> {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path.string)) ?? []
        return Set(names.filter { (try? path.appending($0).stat().type) == .regular })
    }
}
