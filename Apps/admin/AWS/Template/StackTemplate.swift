import AWSAuth
import BursarConsole
import BursarModel

/// The CloudFormation template of a stack.
///
/// Roles have no names of their own: CloudFormation makes one from the stack's name and random characters, so two
/// stacks don't meet in IAM, which has no regions, and a server's role that is made anew has another ARN, which the
/// trust then follows. A trust that names an ARN is kept by AWS as the role's unique id: the same name, given to a new
/// role, would not be trusted.
struct StackTemplate {
    /// Bytes that CloudFormation takes in a request.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    static let longest = 51_200

    /// The template as JSON; the same for the same choices.
    let body: String

    /// - Throws: ``UserFacingError`` when a part is longer than AWS takes.
    init(_ choices: StackConfiguration) throws {
        let parts = StackParts(choices)
        // The trust policy always fits: 1,997 of 2,048 characters with the longest external id and the longest names.
        let access = try parts.access(account: "123456789012").document.size()
        guard access <= PolicyLimit.managed else {
            throw UserFacingError(
                "what researchers may do makes a policy of \(access) characters; IAM takes \(PolicyLimit.managed)",
                hint: "name fewer models, or wider patterns"
            )
        }
        let template: TemplateValue = [
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Bursar: short-lived credentials for Amazon Bedrock",
            "Metadata": try DeployedOptions(choices).metadata(),
            "Resources": .object(try parts.resources),
            "Outputs": .object(parts.outputs),
        ]
        body = try template.json()
        guard body.utf8.count <= Self.longest else {
            throw UserFacingError(
                "the template has \(body.utf8.count) bytes; CloudFormation takes \(Self.longest)",
                hint: "give fewer tags, models or addresses"
            )
        }
    }
}

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

/// What a stack tells of itself once it is there.
extension StackParts {
    var outputs: [String: TemplateValue] {
        var values: [StackOutput: TemplateValue] = [
            .roleARN: .attribute("Arn", of: Name.bedrockRole.rawValue),
            .region: .reference("AWS::Region"),
            .regions: .text(choices.tokenRegions.joined(separator: ",")),
            .sessionTags: .text(Self.features.tagsSessions ? "yes" : "no"),
            .sourceIdentity: .text(Self.features.setsSourceIdentity ? "yes" : "no"),
            .serverRoleARN: .attribute("Arn", of: Name.serverRole.rawValue),
            .logGroup: .reference(Name.logGroup.rawValue),
        ]
        if choices.serverTrust == .instance {
            values[.instanceProfile] = .reference(Name.instanceProfile.rawValue)
        }
        values[.externalID] = choices.externalID.map { .text($0) }
        values[.allow] = choices.allowed.map { .text($0.description) }
        values[.volumeID] = choices.volume.map { _ in .reference(Name.volume.rawValue) }
        return Dictionary(
            uniqueKeysWithValues: values.map { ($0.rawValue, ["Description": .text($0.summary), "Value": $1]) }
        )
    }
}
