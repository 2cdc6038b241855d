#if canImport(Glibc)
import AWSAuth
import BursarModel
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing
import BursarHTTP
import BursarFoundation

/// A machine without libexpat, simulated by an empty library of that name that is loaded first.
struct MissingExpatTests {
    @Test func `without libexpat nothing is sent and the package to install is named`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("int nothing;", to: "libexpat.c").string
        let library = folder.path.appending("libexpat.so.1").string
        let arguments: Arguments = ["-shared", "-fPIC", "-Wl,-soname,libexpat.so.1", "-o", library, file]
        let built = try await run(.name("clang"), arguments: arguments, output: .discarded)
        try #require(built.terminationStatus.isSuccess)
        await #expect(processExitsWith: .success) { [library = library as String] in
            #expect(dlopen(library, RTLD_NOW) != nil)
            await expectMissingExpat()
        }
    }
}

private func expectMissingExpat() async {
    let clientContext = AWSClientContext(
        send: { _ in
            Issue.record("a request was sent")
            throw CancellationError()
        },
        now: { Date(timeIntervalSince1970: 1_767_323_045) },
        sleep: { _ in },
        chance: { 0 }
    )
    let credentials = StaticCredentials(
        AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG"))
    )
    do {
        let sts = try STSClient(
            region: "eu-central-1",
            credentials: credentials,
            endpoints: EndpointResolver(environment: [:]),
            clientContext: clientContext
        )
        _ = try await sts.callerIdentity()
        Issue.record("there is an answer")
    } catch AWSError.transport(.sts, .libraryMissing(let detail)) {
        #expect(detail.hasPrefix("libexpat is not installed; install the package libexpat1 "))
    } catch {
        Issue.record("another error: \(error)")
    }
}
#endif
