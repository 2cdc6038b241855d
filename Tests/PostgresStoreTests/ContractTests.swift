import BursarFoundation
import TestSupport
import Testing

struct ContractTests {
    /// The tests of StorageContractTests, run again by this test program.
    @Test func `the storage contract holds on PostgreSQL, without a test left out`() async throws {
        let environment = ProcessInfo.processInfo.environment.merging(["BURSAR_TEST_ENGINE": "postgres"]) { $1 }
        let tests = Program(CommandLine.arguments[0], environment: environment)
        let outcome = try await tests.run(["--testing-library", "swift-testing", "--filter", "StorageContractTests"])
        let lines = (outcome.output + outcome.errors).split(separator: "\n")
        let failures = lines.filter { $0.contains("recorded an issue") }.joined(separator: "\n")
        #expect(outcome.isSuccess, "\(failures)")
        #expect(!lines.contains { $0.contains(" skipped") })
        let count = lines.last { $0.contains("Test run with") }?.split(separator: " ").compactMap { Int($0) }.first
        #expect(try #require(count) > 100)
    }
}
