import BursarFoundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The container's image, built from the programs beside the tests.
struct Image: Sendable {
    static let isRoot = geteuid() == 0
    static let canBeBuilt =
        isRoot
        && ["/usr/bin/buildah", "/usr/bin/mmdebstrap"].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    @TaskLocal static var current: Image?

    /// Its configuration, as the peer prints it.
    struct Facts: Decodable, Sendable {
        let user: String
        let entrypoint: [String]
        let command: [String]
        let health: [String]
        let stopSignal: String
        let volumes: [String]
        let labels: [String: String]
        /// Where the image's root is.
        let bursar: String
        /// The place of the image below it: a Debian that has nothing of Bursar's.
        let base: String
        let machine: String
    }

    private let workplace: Workplace
    var folder: String { workplace.folder + "/image" }
    let facts: Facts

    static func shared() throws -> Image { try #require(current) }

    fileprivate init() async throws {
        workplace = try Workplace()
        let programs = Checkout.program("")
        let folder = workplace.folder + "/image"
        let built = try await succeeded(
            workplace.run(Checkout.peer("python"), Self.script(["build", folder, programs]))
        )
        facts = try JSONDecoder().decode(Facts.self, from: Data(built.output.utf8))
    }

    static func script(_ arguments: [String]) -> [String] {
        [Checkout.root + "Tests/PackagingTests/Peers/container.py"] + arguments
    }
}

/// Builds it once for a suite, and removes it: it is large.
struct WithImage: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @Sendable () async throws -> Void
    ) async throws {
        try await Image.$current.withValue(try await Image()) { try await body() }
    }
}

extension Trait where Self == WithImage {
    static var withImage: Self { Self() }
}
