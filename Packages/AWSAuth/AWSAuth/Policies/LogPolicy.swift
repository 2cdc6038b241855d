/// What a server needs to write its log into CloudWatch.
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
