import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// The live server and its OpenAPI document, held to each other by schemathesis; Scripts/conformance tries more.
@Suite struct ConformanceTests {
    @Test func `schemathesis finds nothing that the document doesn't say`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let settings = [
            "BURSAR_ISSUER": "simulated", "BURSAR_REGION": "us-east-1", "BURSAR_RATE": "1000000",
            "BURSAR_DAILY_LIMIT": "1000000",
        ]
        try await world.serve(settings) { server in
            let config = Checkout.root + "Tests/EndToEndTests/Peers/schemathesis.toml"
            let options = words("--max-examples 30 --seed 1 --continue-on-failure --request-timeout 10 --report-dir")
            let outcome = try await world.peer(
                "schemathesis",
                ["--config-file", config, "run", server.url + "/openapi.json"] + options + [world.home],
                ["BURSAR_CONFORMANCE_KEY": key.text.reveal()]
            )
            #expect(outcome.isSuccess, "\(outcome.output)")
            #expect(outcome.output.contains("No issues found"))
        }
        #expect(try await world.records("vend").count > 20)
    }
}
