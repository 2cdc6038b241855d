#if canImport(Glibc)
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing
import BursarHTTP
import BursarFoundation

/// Clusters have libcurl 7.61 (RHEL 8) to 7.81 (Ubuntu 22.04): every test of transfers passes with the oldest, too.
@Suite(.enabled(if: OldLibrary.inUse == nil))
struct OldLibraryTests {
    /// Those that go through libcurl: this target's, and those of `creds` that ask a server.
    private static let filters = [
        "^BursarHTTPTests\\.", "^CredsTests\\.(DoctorServerTests|RetryingClientTests|ProxyFaultTests|ProcessTests)",
    ]

    @Test(.timeLimit(.minutes(15)), arguments: filters)
    func `with libcurl 7.61 every transfer ends as it does with a new one`(filter: String) async throws {
        let library = try await OldLibrary()
        let program = try #require(CommandLine.arguments.first)
        let outcome = try await run(
            .path(FilePath(program)),
            arguments: ["--testing-library", "swift-testing", "--filter", filter, "--skip", "OldLibraryTests"],
            environment: .inherit.updating([
                "LD_LIBRARY_PATH": library.folder, Environment.Key(stringLiteral: OldLibrary.marker): library.folder,
            ]),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        let said = outcome.standardOutput + outcome.standardError
        let failures = said.split(separator: "\n").filter { $0.contains("✘") || $0.contains("recorded an issue") }
        #expect(outcome.terminationStatus.isSuccess, "\(failures.prefix(40).joined(separator: "\n"))")
        let passed = try #require(said.firstMatch(of: /Test run with ([0-9]+) tests/)?.1)
        #expect(try #require(Int(passed)) > 10)
    }
}

/// The environment of the child of ``OldLibraryTests``.
@Suite(.enabled(if: OldLibrary.inUse != nil))
struct OldLibraryInUseTests {
    @Test func `the library that is used is the old one`() async throws {
        _ = try? await HTTPTransport(environment: [:]).send(HTTPClientRequest(url: "http://127.0.0.1:1/"))
        let library = try #require(dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD))
        #expect(dlsym(library, "curl_multi_wait") != nil)
        #expect(dlsym(library, "curl_multi_poll") == nil && dlsym(library, "curl_multi_wakeup") == nil)
    }
}

/// A library that passes for libcurl as it was in 2018 and leads to the real one; its files go with it.
final class OldLibrary: Sendable {
    /// Names the folder of the library that a test process runs with.
    static let marker = "BURSAR_TESTS_WITH_OLD_LIBCURL"
    static var inUse: String? { ProcessInfo.processInfo.environment[marker] }

    private let temporary: TemporaryFolder
    var folder: String { temporary.path.string }
    var path: String { folder + "/libcurl.so.4" }

    /// `version` is the number that it says of itself.
    init(version: String = "0x073d01") async throws {
        temporary = try TemporaryFolder()
        let source = FilePath(#filePath).removingLastComponent().appending("Peers/old_libcurl.c").string
        let real = try #require(Self.places.first { FileManager.default.fileExists(atPath: $0) })
        let arguments: Arguments = [
            "-shared", "-fPIC", "-Wl,-soname,libcurl.so.4", "-DREAL=\"\(real)\"", "-DVERSION=\(version)", "-o", path,
            source,
        ]
        let built = try await run(.name("cc"), arguments: arguments, output: .discarded)
        try #require(built.terminationStatus.isSuccess)
    }

    private static let places =
        ["x86_64-linux-gnu", "aarch64-linux-gnu"].map { "/usr/lib/\($0)/libcurl.so.4" }
        + ["/usr/lib64/libcurl.so.4", "/usr/lib/libcurl.so.4"]
}
#endif
