package import AWSAuth

/// The names of Bursar's invocation log, the same in every region and account.
package enum InvocationLogName {
    package static let group = "/bursar/model-invocations"
    /// The one stream that Bedrock writes into a group.
    package static let stream = "aws/bedrock/modelinvocations"
    /// The role that Bedrock writes with.
    package static let role = "bursar-invocation-logging"
    /// The role's inline policy.
    package static let policy = "write-invocation-log"
}

/// The role that Bedrock writes the invocation logs of some regions with.
///
/// https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
package struct InvocationLogRole: Sendable, Equatable {
    package let partition: Partition
    package let account: String
    /// The regions whose Bedrock may assume it, and write.
    package var regions: Set<String>

    package init(partition: Partition, account: String, regions: Set<String>) {
        self.partition = partition
        self.account = account
        self.regions = regions
    }

    package var arn: String { "arn:\(partition.rawValue):iam::\(account):role/\(InvocationLogName.role)" }

    /// Bedrock alone, for this account and these regions: without the conditions it could be made to write for another
    /// account.
    package var trust: PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "Bedrock",
                principal: ["Service": ["bedrock.amazonaws.com"]],
                action: ["sts:AssumeRole"],
                condition: [
                    "StringEquals": [Self.sourceAccount: [account]],
                    "ArnLike": [Self.sourceARN: each { "bedrock:\($0):\(account):*" }],
                ]
            )
        ])
    }

    /// One stream of one group in each region.
    package var rights: PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "WriteInvocationLog",
                action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                resource: each {
                    "logs:\($0):\(account):log-group:\(InvocationLogName.group):log-stream:\(InvocationLogName.stream)"
                }
            )
        ])
    }

    private static let sourceAccount = "aws:SourceAccount"
    private static let sourceARN = "aws:SourceArn"

    private func each(_ resource: (String) -> String) -> [String] {
        regions.sorted().map { "arn:\(partition.rawValue):\(resource($0))" }
    }
}

extension InvocationLogRole {
    /// Returns the regions that `trust`, the JSON of a trust policy, lets Bedrock assume this role for; nil when it
    /// isn't as ``trust`` writes it.
    package func regions(inTrust trust: String) -> Set<String>? {
        regions(in: trust, \.trust) { $0.conditions["ArnLike"]?[Self.sourceARN] ?? [] }
    }

    /// Returns the regions that `rights`, the JSON of the inline policy, lets this role write in; nil when it isn't as
    /// ``rights`` writes it.
    package func regions(inRights rights: String) -> Set<String>? {
        regions(in: rights, \.rights) { $0.resources }
    }

    private func regions(
        in json: String,
        _ document: (Self) -> PolicyDocument,
        _ arns: (StoredPolicy.Statement) -> Set<String>
    ) -> Set<String>? {
        guard let stored = StoredPolicy(json), stored.statements.count == 1, let statement = stored.statements.first
        else { return nil }
        var found = self
        found.regions = Set(arns(statement).compactMap { (try? ARN($0))?.region })
        // As this program writes it, so that no foreign policy is taken for one of these.
        guard let written = try? document(found).compact(), StoredPolicy(written) == stored else { return nil }
        return found.regions
    }
}

/// The permissions of a server, or another reader, that pulls invocation logs.
package struct InvocationLogReaderPolicy: Sendable, Equatable {
    package let partition: Partition
    /// nil is any.
    package var account: String?
    /// The regions whose logs are read; empty is any.
    package var regions: [String]
    package var groups: [String]

    package init(
        partition: Partition,
        account: String? = nil,
        regions: [String] = [],
        groups: [String] = [InvocationLogName.group]
    ) {
        self.partition = partition
        self.account = account
        self.regions = regions
        self.groups = groups
    }

    package var statements: [PolicyDocument.Statement] {
        let places = regions.isEmpty ? ["*"] : regions
        return [
            PolicyDocument.Statement(
                sid: "ReadInvocationLog",
                action: ["logs:FilterLogEvents"],
                resource: places.flatMap { region in
                    groups.map { group in
                        "arn:\(partition.rawValue):logs:\(region):\(account ?? "*"):log-group:\(group):*"
                    }
                }
            ),
            // Bedrock knows no resource for these, or, for profiles, all of the account's.
            PolicyDocument.Statement(
                sid: "LookUpLoggedModels",
                action: [
                    "bedrock:GetModelInvocationLoggingConfiguration", "bedrock:ListFoundationModels",
                    "bedrock:GetInferenceProfile",
                ],
                resource: ["*"],
                condition: regions.isEmpty ? nil : ["StringEquals": ["aws:RequestedRegion": regions]]
            ),
        ]
    }
}
