/// One of AWS's separate clouds: a region belongs to exactly one, and keys of one mean nothing in another.
///
/// Names and suffixes as in botocore's `partitions.json`.
public enum Partition: String, Sendable, CaseIterable {
    case aws = "aws"
    case china = "aws-cn"
    case govCloud = "aws-us-gov"

    /// The partition of `region`, by its prefix; a region nobody knows yet is taken for commercial AWS.
    public init(region: String) {
        if region.hasPrefix("cn-") {
            self = .china
        } else if region.hasPrefix("us-gov-") {
            self = .govCloud
        } else {
            self = .aws
        }
    }

    /// What host names end in: `amazonaws.com`.
    public var domain: String {
        self == .china ? "amazonaws.com.cn" : "amazonaws.com"
    }

    /// The same for endpoints that also answer on IPv6.
    public var dualStackDomain: String {
        self == .china ? "api.amazonwebservices.com.cn" : "api.aws"
    }

    /// Where services that have one home per partition (IAM) are signed for.
    public var globalRegion: String {
        switch self {
        case .aws: "us-east-1"
        case .china: "cn-north-1"
        case .govCloud: "us-gov-west-1"
        }
    }
}
