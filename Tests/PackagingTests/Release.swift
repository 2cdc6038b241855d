import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// A folder for what a test makes, gone after it.
final class Workplace: Sendable {
    private let temporary: TemporaryFolder
    var folder: String { temporary.path.string }

    init() throws {
        temporary = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/home", withIntermediateDirectories: true)
    }

    /// Runs a program with this PATH and a home of its own, and no other variable of the tests.
    func run(_ path: String, _ arguments: [String], _ more: [String: String] = [:]) async throws -> Program.Outcome {
        let path = path.contains("/") ? path : "/usr/bin/" + path
        let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment = ["PATH": inherited, "HOME": folder + "/home", "LC_ALL": "C.UTF-8", "TMPDIR": folder]
        return try await Program(path, environment: environment.merging(more) { $1 }).run(arguments)
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + path)
    }
}

/// A file of the checkout.
func text(_ path: String) throws -> String {
    try String(contentsOfFile: Checkout.root + path, encoding: .utf8)
}

@discardableResult
func succeeded(_ outcome: Program.Outcome) throws -> Program.Outcome {
    try #require(outcome.isSuccess, "\(outcome.output.suffix(500)) \(outcome.errors)")
    return outcome
}

/// The suites that need a release: it is made once for all of them, and gone after them.
@Suite(.withRelease) enum HandedOut {}

/// The release that `Scripts/release` makes of the programs that were built beside the tests.
struct Release: Sendable {
    static let version = "0.1.0"
    @TaskLocal static var current: Release?

    let workplace: Workplace
    var programs: String { workplace.folder + "/programs" }
    var output: String { workplace.folder + "/release" }
    var signers: String { workplace.folder + "/signers" }
    let archive: String
    /// That of `creds` alone.
    var credsArchive: String { archive.replacing("bursar-", with: "bursar-creds-", maxReplacements: 1) }

    static func shared() throws -> Release { try #require(current) }

    fileprivate init() async throws {
        workplace = try Workplace()
        let programs = workplace.folder + "/programs/"
        try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: false)
        for name in ["admin", "creds", "vending-server"] {
            try FileManager.default.copyItem(atPath: Checkout.program(name), toPath: programs + name)
            try succeeded(await workplace.run("strip", [programs + name]))
        }
        let key = workplace.folder + "/key"
        try succeeded(await workplace.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]))
        let publicKey = try String(contentsOfFile: key + ".pub", encoding: .utf8)
        try Data("bursar namespaces=\"bursar-release\" \(publicKey)".utf8)
            .write(to: URL(filePath: workplace.folder + "/signers"))
        try succeeded(await Self.make(in: workplace, output: workplace.folder + "/release", ["--key", key]))
        let machine = try await workplace.run("uname", ["-m"]).output.filter { !$0.isNewline }
        archive = "bursar-\(Self.version)-linux-\(machine).tar.gz"
    }

    static func make(in workplace: Workplace, output: String, _ more: [String]) async throws -> Program.Outcome {
        let given = [version, "--output", output, "--binaries", workplace.folder + "/programs", "--without-manual"]
        let environment = ["SOURCE_DATE_EPOCH": "1790000000"]
        return try await workplace.run(Checkout.root + "Scripts/release", given + more, environment)
    }

    /// Another folder with the same files, to be spoilt.
    func copy(in other: Workplace) throws -> String {
        let folder = other.folder + "/release"
        try FileManager.default.copyItem(atPath: output, toPath: folder)
        return folder
    }
}

struct WithRelease: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @Sendable () async throws -> Void
    ) async throws {
        try await Release.$current.withValue(try await Release()) { try await body() }
    }
}

extension Trait where Self == WithRelease {
    static var withRelease: Self { Self() }
}
