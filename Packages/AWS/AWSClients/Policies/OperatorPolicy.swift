package import AWSAuth

/// The permissions of a person who makes, changes and deletes a stack, and ends sessions on its role.
///
/// CloudFormation acts as its caller, so what each resource takes is in it: the lists of the resource types' own
/// handlers, reads included. https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
///
/// A person who may give a role any permission and choose who assumes it is an administrator of the account, unless
/// ``boundary`` limits the role: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
package struct OperatorPolicy: Sendable, Equatable {
    package let partition: Partition
    /// nil is any.
    package var account: String?
    /// nil is any.
    package var region: String?
    package let stack: String
    /// Roles outside of the stack that sessions are ended on.
    package var otherRoles: [String] = []
    /// A managed policy that each role has to have as its permissions boundary before it may be given permissions.
    package var boundary: String?
    /// True if it includes the permissions of `admin spend setup` and `status`, in every region.
    package var managesInvocationLogs = false

    package init(partition: Partition, account: String? = nil, region: String? = nil, stack: String) {
        self.partition = partition
        self.account = account
        self.region = region
        self.stack = stack
    }

    package var document: PolicyDocument {
        var statements: [PolicyDocument.Statement?] = [
            allow("ManageStack", Self.stackActions, [regional("cloudformation", "stack/\(stack)/*")]),
            allow("ReadWhatHasNoName", Self.nameless, ["*"]),
            allow("ManageRoles", unbounded(Self.roleActions + Self.sessionActions), [global("role/\(names)")]),
            bounded("ManageRolesInBoundary", Self.roleActions + Self.sessionActions, [global("role/\(names)")]),
            allow("ManagePolicies", Self.policyActions, [global("policy/\(names)")]),
            allow("ManageInstanceProfiles", Self.instanceProfileActions, [global("instance-profile/\(names)")]),
            allow("ManageLogGroup", Self.logActions, [regional("logs", "log-group:\(names)")]),
            allow("MakeVolume", Self.volumeActions, [regional("ec2", "volume/*")]),
            PolicyDocument.Statement(
                sid: "ChangeOwnVolumes",
                action: Self.ownVolumeActions,
                resource: [regional("ec2", "volume/*")],
                condition: ["StringEquals": ["aws:ResourceTag/bursar": ["stack"]]]
            ),
        ]
        if !otherRoles.isEmpty {
            statements.append(allow("EndSessions", unbounded(Self.sessionActions), otherRoles))
            statements.append(bounded("EndSessionsInBoundary", Self.sessionActions, otherRoles))
        }
        if managesInvocationLogs { statements += invocationLogs }
        return PolicyDocument(statements.compactMap { $0 })
    }

    /// The permissions to switch invocation logging on, and to look at it.
    private var invocationLogs: [PolicyDocument.Statement?] {
        let role = [global("role/\(InvocationLogName.role)")]
        // IAM sees the group with either ending, by the call.
        let group = "arn:\(partition.rawValue):logs:*:\(account ?? "*"):log-group:\(InvocationLogName.group)"
        return [
            allow("SwitchInvocationLogs", Self.loggingActions, ["*"]),
            allow("ManageInvocationLogs", Self.logGroupActions, [group, "\(group):*"]),
            allow("MakeInvocationLogRole", unbounded(Self.logRoleActions), role),
            bounded("MakeInvocationLogRoleInBoundary", Self.logRoleActions, role),
            PolicyDocument.Statement(
                sid: "PassInvocationLogRole",
                action: ["iam:PassRole"],
                resource: role,
                condition: ["StringEquals": ["iam:PassedToService": ["bedrock.amazonaws.com"]]]
            ),
        ]
    }

    /// Returns true if the holder of this policy may change the managed policy of that name, which is then no limit.
    package func manages(policy name: String) -> Bool { name.hasPrefix(names.dropLast()) }

    /// CloudFormation names a resource `STACK-RESOURCE-RANDOM`, and cuts a long stack's name so that 64 characters do.
    private var names: String { stack.count > 24 ? "\(stack.prefix(24))*" : "\(stack)-*" }

    /// Those of `actions` that are safe without a boundary: they give no role further permissions.
    private func unbounded(_ actions: [String]) -> [String] {
        guard boundary != nil else { return actions }
        return actions.filter { !Self.givingActions.contains($0) && $0 != Self.boundaryRemoval }
    }

    /// Those of `actions` that give a role permissions, where it has the boundary; nil without one.
    private func bounded(_ sid: String, _ actions: [String], _ resources: [String]) -> PolicyDocument.Statement? {
        guard let boundary else { return nil }
        return PolicyDocument.Statement(
            sid: sid,
            action: actions.filter { Self.givingActions.contains($0) },
            resource: resources,
            condition: ["StringEquals": ["iam:PermissionsBoundary": [boundary]]]
        )
    }

    private func regional(_ service: String, _ resource: String) -> String {
        "arn:\(partition.rawValue):\(service):\(region ?? "*"):\(account ?? "*"):\(resource)"
    }

    private func global(_ resource: String) -> String {
        "arn:\(partition.rawValue):iam::\(account ?? "*"):\(resource)"
    }

    private func allow(_ sid: String, _ actions: [String], _ resources: [String]) -> PolicyDocument.Statement {
        PolicyDocument.Statement(sid: sid, action: actions, resource: resources)
    }
}

// MARK: Actions

extension OperatorPolicy {
    private static func actions(_ service: String, _ words: String) -> [String] {
        words.split(separator: " ").map { "\(service):\($0)" }
    }

    private static let stackActions = actions(
        "cloudformation",
        "ContinueUpdateRollback CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents "
            + "DescribeStackResourceDrifts DescribeStackResources DescribeStacks DetectStackDrift "
            + "DetectStackResourceDrift ExecuteChangeSet GetTemplate ListChangeSets TagResource UntagResource "
            + "UpdateTerminationProtection"
    )

    /// Calls that IAM knows no resource for.
    private static let nameless =
        actions("cloudformation", "DescribeStackDriftDetectionStatus")
        + actions("ec2", "DescribeVolumeAttribute DescribeVolumes DescribeVolumesModifications")
        + actions("logs", "DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies")

    private static let roleActions = actions(
        "iam",
        "AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DetachRolePolicy PassRole "
            + "PutRolePermissionsBoundary TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription"
    )

    /// The actions that support `iam:PermissionsBoundary`: the condition tests the role's boundary, or the one being
    /// set.
    private static let givingActions = actions(
        "iam",
        "AttachRolePolicy CreateRole PutRolePermissionsBoundary PutRolePolicy"
    )
    private static let boundaryRemoval = "iam:DeleteRolePermissionsBoundary"

    /// `sessions end`, `allow` and `denies`; `destroy` checks for denies too.
    private static let sessionActions = actions(
        "iam",
        "DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies PutRolePolicy"
    )

    private static let policyActions = actions(
        "iam",
        "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
            + "ListEntitiesForPolicy ListPolicyTags ListPolicyVersions TagPolicy UntagPolicy"
    )

    private static let instanceProfileActions = actions(
        "iam",
        "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile "
            + "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"
    )

    private static let logActions = actions(
        "logs",
        "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy GetDataProtectionPolicy ListTagsForResource "
            + "PutRetentionPolicy TagResource UntagResource"
    )

    private static let volumeActions = actions("ec2", "CreateTags CreateVolume")
    private static let ownVolumeActions = actions("ec2", "DeleteTags DeleteVolume ModifyVolume")

    private static let loggingActions = actions(
        "bedrock",
        "DeleteModelInvocationLoggingConfiguration GetModelInvocationLoggingConfiguration "
            + "PutModelInvocationLoggingConfiguration"
    )
    private static let logGroupActions = actions("logs", "CreateLogGroup FilterLogEvents PutRetentionPolicy")
    private static let logRoleActions = actions(
        "iam",
        "CreateRole GetRole GetRolePolicy PutRolePolicy UpdateAssumeRolePolicy"
    )
}
