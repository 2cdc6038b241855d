import AWSAuth
import BursarCore
import Console

/// A role or user, as policies name it: `arn:PARTITION:iam::ACCOUNT:role/NAME`.
struct RoleName {
    let arn: String
    let partition: Partition
    let account: String

    /// What IAM's calls name: without the path.
    var name: String { arn.split(separator: "/").last.map(String.init) ?? arn }

    /// - Throws: ``Problem`` that names the option.
    init(_ arn: String, _ option: String, kinds: [String] = ["role"]) throws(Problem) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        let form = Problem(
            "\(option) \"\(arn)\" is not the ARN of a \(kinds.joined(separator: " or "))",
            hint: "it looks like arn:aws:iam::123456789012:role/NAME"
        )
        guard parts.count == 6, parts[0] == "arn", let partition = Partition(rawValue: parts[1]) else { throw form }
        if parts[2] == "sts", parts[5].hasPrefix("assumed-role/") {
            let name = parts[5].split(separator: "/").dropFirst().first ?? "NAME"
            throw Problem(
                "\(option) is a session of a role; policies name the role itself",
                hint: "arn:\(parts[1]):iam::\(parts[4]):role/\(name), with its path if it has one"
            )
        }
        guard parts[2] == "iam", parts[3].isEmpty, AccountID.isValid(parts[4]),
            kinds.contains(where: { parts[5].hasPrefix("\($0)/") && parts[5].utf8.count > $0.utf8.count + 1 }),
            arn.utf8.count <= 2048,
            parts[5].utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-/".utf8.contains($0) })
        else { throw form }
        self.arn = arn
        self.partition = partition
        account = parts[4]
    }
}

/// An AWS account's number.
enum AccountID {
    static func isValid(_ text: String) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.count == 12 && text.utf8.allSatisfy { digits.contains($0) }
    }
}
