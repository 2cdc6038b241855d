/// Who may be a role that AWS gives to something it runs.
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

    /// Whoever has a token that `provider` vouches for, was issued to `subject`, and is meant for STS.
    ///
    /// EKS asks for tokens meant for sts.amazonaws.com, whatever the partition; that is not proven in China.
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
