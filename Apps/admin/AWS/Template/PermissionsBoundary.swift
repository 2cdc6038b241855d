import AWSAuth
import BursarConsole
import BursarModel

/// A managed policy beyond which no role of a stack goes.
enum PermissionsBoundary {
    /// - Throws: ``UserFacingError`` for what is not the ARN of a policy in `partition`.
    static func checked(_ arn: String?, _ partition: Partition) throws(UserFacingError) -> String? {
        guard let arn else { return nil }
        guard let parts = try ARN.reading(arn, .option("--permissions-boundary")), parts.service == "iam",
            parts.region.isEmpty, parts.account == "aws" || AccountID.isValid(parts.account),
            parts.kind == "policy", !parts.name.isEmpty, arn.utf8.count <= 2048,
            parts.resource.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-/".utf8.contains($0) })
        else {
            throw UserFacingError.misuse(
                "--permissions-boundary \"\(arn)\" is not the ARN of a policy",
                hint: "it looks like arn:\(partition.rawValue):iam::123456789012:policy/NAME"
            )
        }
        guard parts.partition == partition else {
            throw UserFacingError.misuse(
                "--permissions-boundary is of \(parts.partition.rawValue), the stack of \(partition.rawValue)",
                hint: "name a policy of arn:\(partition.rawValue)"
            )
        }
        return arn
    }
}
