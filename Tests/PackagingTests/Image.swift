import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The container's image, built once from the programs beside the tests.
struct Image: Sendable {
    static let canBeBuilt =
        geteuid() == 0
        && ["/usr/bin/buildah", "/usr/bin/mmdebstrap"].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    private static let made = Task { try await Image() }

    struct Facts: Decodable, Sendable {
        // As Docker spells them.
        struct Config: Decodable, Sendable {
            struct Healthcheck: Decodable, Sendable { let Test: [String] }
            struct Nothing: Decodable, Sendable {}
            let User: String
            let Entrypoint: [String]
            let Cmd: [String]
            let Healthcheck: Healthcheck
            let StopSignal: String
            let Volumes: [String: Nothing]
            let Labels: [String: String]
        }
        let config: Config
        /// Where the image's root is.
        let bursar: String
        /// Where that of the image below it is: a Debian that has nothing of ours.
        let base: String
    }

    private let workplace: Workplace
    var folder: String { workplace.folder + "/image" }
    let facts: Facts

    static func shared() async throws -> Image { try await made.value }

    private init() async throws {
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
