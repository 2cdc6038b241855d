/// Who may be a role that AWS gives to something it runs.
package enum ServiceTrust {
    /// Instances of EC2.
    ///
    /// In China the service goes by that partition's own domain.
    package static func instances(_ partition: Partition) -> PolicyDocument {
        PolicyDocument([
            PolicyDocument.Statement(
                sid: "Instances",
                principal: ["Service": ["ec2.\(partition.domain)"]],
                action: ["sts:AssumeRole"]
            )
        ])
    }
}
