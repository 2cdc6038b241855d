/// The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
package struct ARN: Sendable, Equatable {
    package let partition: Partition
    package let service: String
    /// Empty for global services.
    package let region: String
    /// Empty if the resource belongs to no account or exists in all accounts.
    package let account: String
    /// The rest, `role/path/NAME`.
    package let resource: String

    /// Reads an ARN; nil for a text of another form.
    ///
    /// - Throws: ``PartitionError`` for an ARN of a partition that is not supported.
    package init?(_ text: some StringProtocol) throws(PartitionError) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, !parts[2].isEmpty, !parts[5].isEmpty else {
            return nil
        }
        partition = try Partition(named: parts[1])
        service = String(parts[2])
        region = String(parts[3])
        account = String(parts[4])
        resource = String(parts[5])
    }

    /// The part of the resource before the first slash: `role`.
    package var kind: String { String(resource.prefix { $0 != "/" }) }

    /// The part of the resource after the first slash: `path/NAME`; empty when there is none.
    package var name: String { String(resource.dropFirst(kind.count + 1)) }

    /// The account of `arn:aws:sts::ACCOUNT:assumed-role/…`; nil when there is none.
    static func account(of arn: String) -> String? {
        guard let arn = try? ARN(arn), !arn.account.isEmpty else { return nil }
        return arn.account
    }
}
