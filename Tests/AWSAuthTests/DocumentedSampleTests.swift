import BursarFoundation
import TestSupport
import Testing

/// The sample of Docs/awsauth.md, built as the page says: as a package of its own that depends on this one, here by path.
///
/// It stays in `.build`, so that only what has changed is built again: a minute at first, on two processors, then seconds.
@Suite(.serialized)
struct DocumentedSampleTests {
    private static let folder = Checkout.root + ".build/documented-sample/"

    /// The first block of Swift with `mark` in it.
    private static func block(_ mark: String) throws -> String {
        let page = try String(contentsOfFile: Checkout.root + "Docs/awsauth.md", encoding: .utf8)
        let blocks = page.split(separator: "```swift\n").dropFirst().map {
            $0.prefix(upTo: $0.firstRange(of: "```")?.lowerBound ?? $0.endIndex)
        }
        return String(try #require(blocks.first { $0.contains(mark) }))
    }

    /// The manifest of the page, with the path of this checkout for its address, and a target for what is refused.
    private static func manifest() throws -> String {
        let documented = try block("// Package.swift")
        let address = try #require(documented.firstRange(of: /\.package\(url: [^)]*\)/))
        let trespass = """
            targets: [
                .executableTarget(name: "trespass", dependencies: [.product(name: "AWSAuth", package: "bursar")]),
            """
        return """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "ask",
                platforms: [.macOS(.v15)],
            \(documented.replacing(documented[address], with: #".package(name: "bursar", path: "../..")"#)
                .replacing("targets: [", with: trespass))
            )

            """
    }

    /// Writes a file unless it is there already, since a newer one would be built again.
    private static func write(_ text: String, to name: String) throws {
        let file = URL(filePath: folder + name)
        guard (try? String(contentsOf: file, encoding: .utf8)) != text else { return }
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static func build(_ choice: String, _ name: String) async throws -> Program.Outcome {
        try write(try manifest(), to: "Package.swift")
        try write(try block("import AWSAuth"), to: "Sources/ask/main.swift")
        try write("import AWSAuth\nprint(QueryForm.self)\n", to: "Sources/trespass/main.swift")
        // The versions that this checkout is built with, so that nothing newer is fetched.
        let versions = Checkout.root + "Package.resolved"
        if !FileManager.default.fileExists(atPath: folder + "Package.resolved"),
            FileManager.default.fileExists(atPath: versions)
        {
            try FileManager.default.copyItem(atPath: versions, toPath: folder + "Package.resolved")
        }
        let swift = Program("/usr/bin/env", environment: ProcessInfo.processInfo.environment)
        return try await swift.run(["swift", "build", "--package-path", folder, choice, name])
    }

    @Test func `the documented sample builds as a package of its own`() async throws {
        let built = try await Self.build("--product", "ask")
        #expect(built.isSuccess, "\(built.output)\(built.errors)")
    }

    @Test func `a client package can't reach what only Bursar's programs use`() async throws {
        let built = try await Self.build("--target", "trespass")
        #expect(!built.isSuccess)
        #expect((built.output + built.errors).contains("'QueryForm'"), "\(built.output)\(built.errors)")
    }
}
