import AWSAuth
import AWSClients
import BursarConsole
import BursarModel

/// The CloudFormation template of a stack.
///
/// Roles have no fixed names: CloudFormation makes one from the stack's name and random characters. So two stacks don't
/// collide in IAM, which has no regions, and a recreated server role has another ARN, which the trust policy then
/// follows. AWS stores an ARN in a trust policy as the role's unique id, so a new role of the same name would not be
/// trusted.
package struct StackTemplate: Sendable {
    /// CloudFormation's limit for a template in a request, in bytes.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    package static let longest = 51_200

    /// The template as JSON; equal configurations give equal text.
    package let body: String

    /// - Throws: ``UserFacingError`` when a part exceeds AWS's limit.
    package init(_ configuration: StackConfiguration) throws {
        let parts = StackParts(configuration)
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
            "Metadata": try DeployedOptions(configuration).metadata(),
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

/// The resources and outputs of a stack.
package struct StackParts {
    package enum Name: String {
        case serverRole = "ServerRole"
        case bedrockRole = "BedrockRole"
        case serverPolicy = "ServerPolicy"
        case bedrockPolicy = "BedrockPolicy"
        case instanceProfile = "InstanceProfile"
        case logGroup = "LogGroup"
        case volume = "DatabaseVolume"
    }

    /// The permissions of the server on the role: it names and tags sessions, and sets their source identity.
    static let features = RolePolicies(tagsSessions: true, setsSourceIdentity: true)
    static let logDays = 30

    let configuration: StackConfiguration

    init(_ configuration: StackConfiguration) {
        self.configuration = configuration
    }

    /// Returns the permissions of researchers' sessions; `account` may be a placeholder.
    func access(account: String) -> AccessPolicy {
        var access = AccessPolicy(
            partition: configuration.partition,
            account: account,
            models: configuration.models,
            regions: configuration.regions
        )
        access.allowsStreams = configuration.allowsStreams
        access.allowsTiers = configuration.allowsTiers
        access.allowsMantle = configuration.allowsMantle
        return access
    }

    var resources: [String: TemplateValue] {
        get throws {
            var resources: [Name: TemplateValue] = [
                .serverRole: try serverRole, .bedrockRole: try bedrockRole, .serverPolicy: try serverPolicy,
                .bedrockPolicy: try bedrockPolicy, .logGroup: logGroup,
            ]
            if configuration.serverTrust == .instance { resources[.instanceProfile] = instanceProfile }
            resources[.volume] = configuration.volume.map { volume($0) }
            return Dictionary(uniqueKeysWithValues: resources.map { ($0.rawValue, $1) })
        }
    }

    // MARK: Roles

    private var serverRole: TemplateValue {
        get throws {
            role(
                "The vending server",
                trust: try substituting(configuration.serverTrust.document(configuration.partition)),
                longestSession: nil
            )
        }
    }

    /// Its trust policy names the server's role, whose policy names this role.
    ///
    /// Policies are resources of their own for that reason.
    private var bedrockRole: TemplateValue {
        get throws {
            let trust = Self.features.trust(server: "${ServerRole.Arn}", externalID: configuration.externalID)
            return role(
                "Researchers' sessions, which only the vending server hands out",
                trust: try substituting(trust),
                longestSession: configuration.longestSession.seconds
            )
        }
    }

    private func role(_ description: String, trust: TemplateValue, longestSession: Int?) -> TemplateValue {
        var properties: [String: TemplateValue] = [
            "AssumeRolePolicyDocument": trust,
            "Description": .text(description),
        ]
        properties["MaxSessionDuration"] = longestSession.map { .number($0) }
        properties["PermissionsBoundary"] = configuration.permissionsBoundary.map { .text($0) }
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

    /// A managed policy: CloudFormation detects changes of managed policies, but not of inline ones.
    ///
    /// A role's inline policies, which share a small size limit, are left to session revocation.
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

    /// The log group outlives the stack: its log holds the heads of the chain, which audits compare with.
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

    /// The volume is retained when the stack is deleted or replaces it, so that the database is never lost.
    private func volume(_ volume: StackConfiguration.Volume) -> TemplateValue {
        let isNamed = configuration.tags.contains { $0.key.lowercased() == "name" }
        let name = isNamed ? [] : [IAMTag(key: "Name", value: "\(configuration.stackName) database")]
        return [
            "Type": "AWS::EC2::Volume",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": [
                "AvailabilityZone": [
                    "Fn::Sub": .text("${AWS::Region}" + volume.availabilityZone.dropFirst(configuration.region.count))
                ],
                "Encrypted": true,
                "Size": .number(volume.size),
                "Tags": Self.tags(name + configuration.tags),
                "VolumeType": "gp3",
            ],
        ]
    }

    private var tags: TemplateValue? {
        configuration.tags.isEmpty ? nil : Self.tags(configuration.tags)
    }

    private func substituting(_ document: PolicyDocument) throws -> TemplateValue {
        try .substituting(document, in: configuration.partition)
    }

    private static func tags(_ tags: [IAMTag]) -> TemplateValue {
        .list(tags.map { ["Key": .text($0.key), "Value": .text($0.value)] })
    }
}

/// The outputs of the stack.
extension StackParts {
    var outputs: [String: TemplateValue] {
        var values: [StackOutput: TemplateValue] = [
            .roleARN: .attribute("Arn", of: Name.bedrockRole.rawValue),
            .region: .reference("AWS::Region"),
            .regions: .text(configuration.tokenRegions.joined(separator: ",")),
            .sessionTags: .text(Self.features.tagsSessions ? "yes" : "no"),
            .sourceIdentity: .text(Self.features.setsSourceIdentity ? "yes" : "no"),
            .serverRoleARN: .attribute("Arn", of: Name.serverRole.rawValue),
            .logGroup: .reference(Name.logGroup.rawValue),
        ]
        if configuration.serverTrust == .instance {
            values[.instanceProfile] = .reference(Name.instanceProfile.rawValue)
        }
        values[.externalID] = configuration.externalID.map { .text($0) }
        values[.allow] = configuration.allowed.map { .text($0.description) }
        values[.volumeID] = configuration.volume.map { _ in .reference(Name.volume.rawValue) }
        return Dictionary(
            uniqueKeysWithValues: values.map { ($0.rawValue, ["Description": .text($0.summary), "Value": $1]) }
        )
    }
}
