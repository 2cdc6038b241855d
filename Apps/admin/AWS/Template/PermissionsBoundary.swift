import AWSAuth
import BursarCore
import Console

/// A managed policy beyond which no role of a stack goes.
enum PermissionsBoundary {
    /// - Throws: ``Problem`` for what is not the ARN of a policy in `partition`.
    static func checked(_ arn: String?, _ partition: Partition) throws(Problem) -> String? {
        guard let arn else { return nil }
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", let own = Partition(rawValue: parts[1]), parts[2] == "iam",
            parts[3].isEmpty, parts[4] == "aws" || AccountID.isValid(parts[4]),
            parts[5].hasPrefix("policy/"), parts[5].utf8.count > "policy/".utf8.count, arn.utf8.count <= 2048,
            parts[5].utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-/".utf8.contains($0) })
        else {
            throw Problem(
                "--permissions-boundary \"\(arn)\" is not the ARN of a policy",
                hint: "it looks like arn:\(partition.rawValue):iam::123456789012:policy/NAME"
            )
        }
        guard own == partition else {
            throw Problem(
                "--permissions-boundary is of \(own.rawValue), the stack of \(partition.rawValue)",
                hint: "name a policy of arn:\(partition.rawValue)"
            )
        }
        return arn
    }
}
