import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// The sample of Docs/awsauth.md, type-checked as a package of its own would be: `package` declarations are out of reach,
/// and AWSAuth is the only module of this checkout that it may import.
struct DocumentedSampleTests {
    /// The block of Swift that imports AWSAuth.
    static func sample() throws -> String {
        let page = String(
            decoding: try Data(contentsOf: URL(filePath: Checkout.root + "Docs/awsauth.md")),
            as: UTF8.self
        )
        let blocks = page.split(separator: "```swift\n").dropFirst().map {
            $0.prefix(upTo: $0.firstRange(of: "```")?.lowerBound ?? $0.endIndex)
        }
        return String(try #require(blocks.first { $0.contains("import AWSAuth") }))
    }

    /// The module maps of the C targets that AWSAuth's modules were built with.
    static func moduleMaps() throws -> [String] {
        let files = FileManager.default
        let built = Checkout.program("")
        let checkouts = Checkout.program("../../checkouts/")
        let folders =
            try files.contentsOfDirectory(atPath: built).filter { $0.hasSuffix(".build") }.map { built + $0 }
            + ["swift-crypto", "swift-system", "swift-subprocess"].flatMap { name in
                let sources = "\(checkouts)\(name)/Sources/"
                return try files.contentsOfDirectory(atPath: sources).map { "\(sources)\($0)/include" }
            }
        return folders.map { $0 + "/module.modulemap" }.filter { files.fileExists(atPath: $0) }
    }

    static func check(_ source: String) async throws -> (isSuccess: Bool, errors: String) {
        let folder = try TemporaryFolder()
        let file = folder.path.appending("main.swift").string
        try TemporaryFolder.write(source, to: file)
        let maps = try moduleMaps().flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        let swift = Program("/usr/bin/env", environment: ProcessInfo.processInfo.environment)
        let modules = Checkout.program("Modules")
        let outcome = try await swift.run(
            ["swiftc", "-typecheck", "-swift-version", "6", "-package-name", "ask", "-I", modules] + maps + [file]
        )
        return (outcome.isSuccess, outcome.errors)
    }

    @Test func `the documented sample needs no import but AWSAuth and Foundation`() async throws {
        let outcome = try await Self.check(try Self.sample())
        #expect(outcome.isSuccess, "\(outcome.errors)")
    }

    @Test func `a client package can't reach what only Bursar's programs use`() async throws {
        let outcome = try await Self.check("import AWSAuth\nprint(QueryForm.self)\n")
        #expect(!outcome.isSuccess)
        #expect(outcome.errors.contains("QueryForm"))
    }
}
