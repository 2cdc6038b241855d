/// The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, that are of use here.
enum ARN {
    /// The fifth part of `arn:aws:sts::ACCOUNT:assumed-role/…`; nil when there is none.
    static func account(of arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && !parts[4].isEmpty ? String(parts[4]) : nil
    }

    /// The partition that an ARN names.
    static func partition(of arn: String) -> Partition? {
        let parts = arn.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? Partition(rawValue: String(parts[1])) : nil
    }
}
