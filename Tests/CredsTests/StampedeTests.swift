import SystemPackage
import TestSupport
import Testing

/// A round of each kind of `Scripts/stampede`, and some warm calls; longer runs are started by hand.
struct StampedeTests {
    @Test func `a hundred cold processes make one vend, whatever happens to the one that asks`() async throws {
        let home = try Home()
        let script = Checkout.root + "Scripts/stampede"
        let ran = try await Program("/usr/bin/env", environment: home.environment)
            .run(["python3", script, "1", "300", Checkout.program("creds")])
        #expect(ran.isSuccess, "\(ran.errors)")
        #expect(ran.output.split(separator: "\n").count == 4)
    }
}
