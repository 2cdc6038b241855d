import AWSTestSupport
import BursarFoundation
import Testing

@testable import AWSAuth

/// Regions, partitions and ARNs: what is known, and what is refused.
@Suite struct PartitionTests {
    private struct Row: Decodable {
        let id: String
        let regions: [String]
        let domain: String
        let dual: String
        let home: String
    }

    @Test(.enabled(if: Peer.isThere))
    func `the table is botocore's, and what it has besides is refused by name`() async throws {
        let rows = try JSONDecoder().decode([Row].self, from: try await Peer.run("botocore_partitions.py"))
        #expect(Set(rows.map(\.id)).isSuperset(of: Partition.allCases.map(\.rawValue)))
        for row in rows {
            guard let partition = Partition(rawValue: row.id) else {
                #expect(throws: PartitionError.isolatedPartition(row.id)) { try Partition(named: row.id) }
                for region in row.regions {
                    #expect(throws: PartitionError.isolatedRegion(region, partition: row.id)) {
                        try Partition(region: region)
                    }
                }
                continue
            }
            #expect(partition.regions == Set(row.regions))
            #expect(partition.domain == row.domain && partition.dualStackDomain == row.dual)
            // botocore's IAM rules have another home in China than its table.
            #expect(partition.globalRegion == (partition == .china ? "cn-north-1" : row.home))
            for region in row.regions { #expect(try Partition(region: region) == partition) }
        }
    }

    @Test(arguments: [
        ("eu-north-2", Partition.aws), ("us-gov-central-1", .govCloud), ("cn-south-12", .china),
        ("eusc-de-west-1", .europeanSovereign), ("mx-east-2", .aws),
    ])
    func `a region that is opened later is taken by its area`(region: String, partition: Partition) throws {
        #expect(try Partition(region: region) == partition)
    }

    @Test(arguments: [
        "", "mars", "mars-east-1", "uk-south-1", "eu-central", "us-east-1a", "us-east-1-bos-1", "useast1",
        "eusc-fr-east-1",
        "US-EAST-1", "us_east_1", "us-east-1 ", "us-east-1/", "aws-global", "us-east-100", "us--east-1", "us-gov-1",
        "eusc-east-1", "us-isox-east-1", "us-isoe-1", "us-iso-1", "eu-isoe-1", "us-nowhere-1", "us-east-1\n",
        "\u{1B}[31m-east-1",
    ])
    func `what begins like no partition's regions is refused, and not taken for commercial AWS`(region: String) {
        #expect(throws: PartitionError.unknownRegion(region)) { try Partition(region: region) }
        #expect(throws: EndpointError.self) {
            try EndpointResolver(environment: [:]).endpoint(for: .sts, region: region)
        }
        let words = PartitionError.unknownRegion(region).description
        #expect(words.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
    }

    @Test(arguments: [
        ("us-iso-east-1", "aws-iso"), ("us-isob-west-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"), ("us-iso-central-9", "aws-iso"), ("aws-iso-b-global", "aws-iso-b"),
    ])
    func `an isolated partition is refused by its name, before any request`(region: String, partition: String) {
        let error = PartitionError.isolatedRegion(region, partition: partition)
        #expect(throws: EndpointError.partition(error)) {
            try EndpointResolver(environment: ["AWS_ENDPOINT_URL": "https://a.example"])
                .endpoint(for: .bedrockRuntime, region: region)
        }
        #expect(error.description.contains(partition) && error.hint.contains("aws-eusc"))
    }

    @Test func `an ARN has six parts, and a partition that is known`() throws {
        let arn = try #require(try ARN("arn:aws-eusc:iam::123456789012:role/team/bedrock:x"))
        #expect(arn.partition == .europeanSovereign && arn.service == "iam" && arn.account == "123456789012")
        #expect(arn.kind == "role" && arn.name == "team/bedrock:x")
        for text in [
            "", "arn:aws:iam", "arn:aws:iam::1", "ARN:aws:iam::1:role/a", "arn::iam::1:role/a", "arn:aws:::1:",
        ] {
            #expect(try ARN(text) == nil, "\(text)")
        }
        #expect(throws: PartitionError.unknownPartition("aws-mars")) { try ARN("arn:aws-mars:iam::1:role/a") }
        #expect(throws: PartitionError.isolatedPartition("aws-iso")) { try ARN("arn:aws-iso:iam::1:role/a") }
    }
}
