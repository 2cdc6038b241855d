#if canImport(Glibc)
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing
import BursarHTTP
import BursarFoundation

/// A machine without libcurl, or with an old one: played by a library of that name that is loaded before.
struct MissingLibraryTests {
    @Test func `without libcurl the package to install is named`() async throws {
        try await withLibrary("int nothing;") { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                #expect(dlopen(path, RTLD_NOW) != nil)
                await expectMissing("libcurl is not installed; install the package libcurl4 ")
            }
        }
    }

    @Test func `with a libcurl of ages ago the package to install is named`() async throws {
        try await withLibrary("void *curl_version_info(int now) { return 0; }") { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                #expect(dlopen(path, RTLD_NOW) != nil)
                await expectMissing("libcurl is older than 7.61; install the package libcurl4 ")
            }
        }
    }

    @Test func `one version before the oldest that serves, it is named too`() async throws {
        let library = try await OldLibrary(version: "0x073c00")
        await #expect(processExitsWith: .success) { [path = library.path as String] in
            #expect(dlopen(path, RTLD_NOW) != nil)
            await expectMissing("libcurl is older than 7.61; install the package libcurl4 ")
        }
    }

    /// Builds a library that passes for libcurl, and takes it away again.
    private func withLibrary(_ source: String, _ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(source, to: "libcurl.c").string
        let library = folder.path.appending("libcurl.so.4").string
        let arguments: Arguments = ["-shared", "-fPIC", "-Wl,-soname,libcurl.so.4", "-o", library, file]
        let built = try await run(.name("clang"), arguments: arguments, output: .discarded)
        try #require(built.terminationStatus.isSuccess)
        try await body(library)
    }
}

private func expectMissing(_ start: String) async {
    do {
        _ = try await HTTPTransport(environment: [:]).send(HTTPClientRequest(url: "http://127.0.0.1:1/"))
        Issue.record("there is an answer")
    } catch TransportError.libraryMissing(let detail) {
        #expect(detail.hasPrefix(start))
        #expect(!detail.contains("\n"))
    } catch {
        Issue.record("another error")
    }
}
#endif
