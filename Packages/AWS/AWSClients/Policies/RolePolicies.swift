package import AWSAuth

/// The policies that let the vending server assume the role that researchers use, on both sides.
package struct RolePolicies: Sendable, Equatable {
    /// The tags that a session may carry; others are refused.
    package static let tags = ["researcher", "project", "key"]

    /// True if sessions carry tags (`sts:TagSession`).
    package var tagsSessions: Bool
    /// True if sessions carry the handle as SourceIdentity (`sts:SetSourceIdentity`).
    package var setsSourceIdentity: Bool

    package init(tagsSessions: Bool = false, setsSourceIdentity: Bool = false) {
        self.tagsSessions = tagsSessions
        self.setsSourceIdentity = setsSourceIdentity
    }

    /// The trust policy of the role: the server alone may assume it.
    ///
    /// The external id is asked for where it is sent: IAM knows `sts:ExternalId` with AssumeRole only, so a condition
    /// on it would refuse the other two for good.
    package func trust(server: String, externalID: String?) -> PolicyDocument {
        let principal = ["AWS": [server]]
        var statements = [
            PolicyDocument.Statement(
                sid: "AssumeRole",
                principal: principal,
                action: ["sts:AssumeRole"],
                condition: externalID.map { ["StringEquals": ["sts:ExternalId": [$0]]] }
            )
        ]
        if tagsSessions {
            statements.append(
                PolicyDocument.Statement(
                    sid: "TagSession",
                    principal: principal,
                    action: ["sts:TagSession"],
                    condition: ["ForAllValues:StringEquals": ["aws:TagKeys": Self.tags]]
                )
            )
        }
        if setsSourceIdentity {
            statements.append(
                PolicyDocument.Statement(
                    sid: "SetSourceIdentity",
                    principal: principal,
                    action: ["sts:SetSourceIdentity"]
                )
            )
        }
        return PolicyDocument(statements)
    }

    /// The permissions of the server's own role: to assume `roles`, and to read invocation logs where it pulls them.
    package func server(roles: [String], reading logs: InvocationLogReaderPolicy? = nil) -> PolicyDocument {
        let actions =
            ["sts:AssumeRole"] + (tagsSessions ? ["sts:TagSession"] : [])
            + (setsSourceIdentity ? ["sts:SetSourceIdentity"] : [])
        let assume = PolicyDocument.Statement(sid: "AssumeRole", action: actions, resource: roles)
        return PolicyDocument([assume] + (logs?.statements ?? []))
    }
}

/// Trust policies of roles for workloads that AWS runs.
package enum ServiceTrust {
    /// Instances of EC2.
    ///
    /// In China the service goes by that partition's own domain. In the European cloud it doesn't: IAM there refuses
    /// `ec2.amazonaws.eu` (seen by others, not tried here).
    package static func instances(_ partition: Partition) -> PolicyDocument {
        let domain = partition == .china ? partition.domain : Partition.aws.domain
        return PolicyDocument([
            PolicyDocument.Statement(
                sid: "Instances",
                principal: ["Service": ["ec2.\(domain)"]],
                action: ["sts:AssumeRole"]
            )
        ])
    }

    /// Tasks of ECS in `account` and `region`; without the conditions ECS could be made to act for another account.
    ///
    /// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    package static func tasks(_ partition: Partition, account: String, region: String) -> PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "Tasks",
                principal: ["Service": ["ecs-tasks.amazonaws.com"]],
                action: ["sts:AssumeRole"],
                condition: [
                    "StringEquals": ["aws:SourceAccount": [account]],
                    "ArnLike": ["aws:SourceArn": ["arn:\(partition.rawValue):ecs:\(region):\(account):*"]],
                ]
            )
        ])
    }

    /// Pods that EKS gives the role to by an association (Pod Identity), of one cluster in `account` and `region`: the
    /// service's principal alone names no cluster.
    ///
    /// EKS tags such sessions, unless the association says otherwise; with the tags, it has to be let.
    ///
    /// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    package static func pods(
        _ partition: Partition,
        cluster: String,
        account: String,
        region: String
    ) -> PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "Pods",
                principal: ["Service": ["pods.eks.amazonaws.com"]],
                action: ["sts:AssumeRole", "sts:TagSession"],
                condition: [
                    "StringEquals": ["aws:SourceAccount": [account]],
                    "ArnEquals": [
                        "aws:SourceArn": ["arn:\(partition.rawValue):eks:\(region):\(account):cluster/\(cluster)"]
                    ],
                ]
            )
        ])
    }

    /// The holder of a token that `provider` issued to `subject`, with STS as its audience.
    ///
    /// EKS requests tokens for the audience sts.amazonaws.com in every partition; this is unproven in China.
    ///
    /// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
    package static func webIdentity(provider: String, issuer: String, subject: String) -> PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "WebIdentity",
                principal: ["Federated": [provider]],
                action: ["sts:AssumeRoleWithWebIdentity"],
                condition: ["StringEquals": ["\(issuer):aud": ["sts.amazonaws.com"], "\(issuer):sub": [subject]]]
            )
        ])
    }
}

/// The permissions that a server needs to write its log into CloudWatch.
package enum LogPolicy {
    /// Streams of one log group, and what goes into them; `group` is its ARN as IAM has it, which ends in `:*`.
    package static func document(group: String) -> PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "WriteLog",
                action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                resource: [group]
            )
        ])
    }
}
