import BursarModel
import TestSupport
import Testing

@Suite struct VersionTests {
    @Test(arguments: ["admin", "creds", "vending-server"])
    func `each program says which Bursar it is`(program: String) async throws {
        let outcome = try await succeeded(World().run(Checkout.program(program), ["--version"]))
        #expect(outcome.output == Version.current + "\n")
    }
}
