import FoundationEssentials
import TestSupport
import Testing

@testable import admin

/// The list of regions, held to botocore's.
@Suite(.enabled(if: Account.isThere)) struct KnownRegionsTests {
    @Test func `the regions that are known are botocore's, of the partitions that the programs know`() async throws {
        let script = """
            import json, botocore.session
            session = botocore.session.get_session()
            partitions = ("aws", "aws-cn", "aws-us-gov")
            print(json.dumps([r for p in partitions for r in session.get_available_regions("ec2", p)]))
            """
        let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        let outcome = try await Program(Checkout.peer("python"), environment: environment).run(["-c", script])
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let regions: [String] = try decoded(outcome.output)
        #expect(KnownRegions.all == Set(regions))
    }

    @Test func `each of them is read wherever it stands`() {
        for region in KnownRegions.all {
            for words in ["access in \(region)", "region: \(region)", "\(region) please", "in \(region.uppercased())"] {
                #expect(ProvisionRequest(reading: words).region == region, "\(words)")
            }
        }
    }
}
