import AWSAuth
import BursarModel

/// What a stack holds, one value for each resource and output.
struct StackParts {
    enum Name: String {
        case serverRole = "ServerRole"
        case bedrockRole = "BedrockRole"
        case serverPolicy = "ServerPolicy"
        case bedrockPolicy = "BedrockPolicy"
        case instanceProfile = "InstanceProfile"
        case logGroup = "LogGroup"
        case volume = "DatabaseVolume"
    }

    /// All that the server may do on the role: it names sessions, tags them, and says who is behind them.
    static let features = RolePolicies(tagsSessions: true, setsSourceIdentity: true)
    static let logDays = 30

    let choices: StackConfiguration

    init(_ choices: StackConfiguration) {
        self.choices = choices
    }

    /// What researchers' sessions may do; `account` may stand for one that isn't known yet.
    func access(account: String) -> AccessPolicy {
        var access = AccessPolicy(
            partition: choices.partition,
            account: account,
            models: choices.models,
            regions: choices.regions
        )
        access.allowsStreams = choices.allowsStreams
        access.allowsTiers = choices.allowsTiers
        access.allowsMantle = choices.allowsMantle
        return access
    }

    var resources: [String: TemplateValue] {
        get throws {
            var resources: [Name: TemplateValue] = [
                .serverRole: try serverRole, .bedrockRole: try bedrockRole, .serverPolicy: try serverPolicy,
                .bedrockPolicy: try bedrockPolicy, .logGroup: logGroup,
            ]
            if choices.serverTrust == .instance { resources[.instanceProfile] = instanceProfile }
            resources[.volume] = choices.volume.map { volume($0) }
            return Dictionary(uniqueKeysWithValues: resources.map { ($0.rawValue, $1) })
        }
    }

    // MARK: Roles

    private var serverRole: TemplateValue {
        get throws {
            role(
                "The vending server",
                trust: try substituting(choices.serverTrust.document(choices.partition)),
                longestSession: nil
            )
        }
    }

    /// Its trust names the server's role, whose policy names it: that is why policies are resources of their own.
    private var bedrockRole: TemplateValue {
        get throws {
            let trust = Self.features.trust(server: "${ServerRole.Arn}", externalID: choices.externalID)
            return role(
                "Researchers' sessions, which only the vending server hands out",
                trust: try substituting(trust),
                longestSession: choices.longestSession.seconds
            )
        }
    }

    private func role(_ description: String, trust: TemplateValue, longestSession: Int?) -> TemplateValue {
        var properties: [String: TemplateValue] = [
            "AssumeRolePolicyDocument": trust,
            "Description": .text(description),
        ]
        properties["MaxSessionDuration"] = longestSession.map { .number($0) }
        properties["PermissionsBoundary"] = choices.permissionsBoundary.map { .text($0) }
        properties["Tags"] = tags
        return ["Type": "AWS::IAM::Role", "Properties": .object(properties)]
    }

    private var serverPolicy: TemplateValue {
        get throws {
            let assume = Self.features.server(roles: ["${BedrockRole.Arn}"])
            let log = LogPolicy.document(group: "${LogGroup.Arn}")
            return policy(
                "What the vending server may do",
                try substituting(PolicyDocument(assume.statements + log.statements)),
                of: .serverRole
            )
        }
    }

    private var bedrockPolicy: TemplateValue {
        get throws {
            policy(
                "What researchers may do with Bedrock",
                try substituting(access(account: "${AWS::AccountId}").document),
                of: .bedrockRole
            )
        }
    }

    /// A managed policy: CloudFormation sees when somebody else changes one, which it doesn't of inline policies, and
    /// a role's inline ones, which have little room together, are left to those that end researchers' sessions.
    private func policy(_ description: String, _ document: TemplateValue, of role: Name) -> TemplateValue {
        [
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": [
                "Description": .text(description),
                "PolicyDocument": document,
                "Roles": [.reference(role.rawValue)],
            ],
        ]
    }

    private var instanceProfile: TemplateValue {
        [
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": ["Roles": [.reference(Name.serverRole.rawValue)]],
        ]
    }

    // MARK: Log and data

    /// It outlives the stack: its log holds the heads of the chain, which audits compare with.
    private var logGroup: TemplateValue {
        var properties: [String: TemplateValue] = ["RetentionInDays": .number(Self.logDays)]
        properties["Tags"] = tags
        return [
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": .object(properties),
        ]
    }

    /// Neither a stack that is deleted nor one that needs the volume elsewhere takes the database along.
    private func volume(_ volume: StackConfiguration.Volume) -> TemplateValue {
        let isNamed = choices.tags.contains { $0.key.lowercased() == "name" }
        let name = isNamed ? [] : [IAMTag(key: "Name", value: "\(choices.stackName) database")]
        return [
            "Type": "AWS::EC2::Volume",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": [
                "AvailabilityZone": [
                    "Fn::Sub": .text("${AWS::Region}" + volume.availabilityZone.dropFirst(choices.region.count))
                ],
                "Encrypted": true,
                "Size": .number(volume.size),
                "Tags": Self.tags(name + choices.tags),
                "VolumeType": "gp3",
            ],
        ]
    }

    private var tags: TemplateValue? {
        choices.tags.isEmpty ? nil : Self.tags(choices.tags)
    }

    private func substituting(_ document: PolicyDocument) throws -> TemplateValue {
        try .substituting(document, in: choices.partition)
    }

    private static func tags(_ tags: [IAMTag]) -> TemplateValue {
        .list(tags.map { ["Key": .text($0.key), "Value": .text($0.value)] })
    }
}
