import BursarModel

/// One of AWS's separate clouds: a region belongs to exactly one, and keys of one mean nothing in another.
///
/// Names, suffixes and regions are those of botocore's `partitions.json`. Isolated partitions, which have no connection
/// to the internet, are known by name and refused.
public enum Partition: String, Sendable, CaseIterable {
    case aws = "aws"
    case china = "aws-cn"
    case govCloud = "aws-us-gov"
    case europeanSovereign = "aws-eusc"

    /// The partition of `region`, by what its name begins with.
    ///
    /// A region that AWS opens later is taken when its area is known: `eu-north-2`.
    ///
    /// - Throws: ``PartitionError/isolatedRegion(_:partition:)`` and ``PartitionError/unknownRegion(_:)``.
    public init(region: String) throws(PartitionError) {
        if let area = RegionName.area(of: region),
            let known = Self.allCases.first(where: { $0.facts.areas.contains(area) })
        {
            self = known
        } else if let isolated = IsolatedPartition.allCases.first(where: { $0.isNamed(by: region) }) {
            throw .isolatedRegion(region, partition: isolated.rawValue)
        } else {
            throw .unknownRegion(region)
        }
    }

    /// The partition that an ARN or a person calls `name`.
    ///
    /// - Throws: ``PartitionError/isolatedPartition(_:)`` and ``PartitionError/unknownPartition(_:)``.
    public init(named name: some StringProtocol) throws(PartitionError) {
        let name = String(name)
        if let known = Partition(rawValue: name) {
            self = known
        } else if IsolatedPartition(rawValue: name) != nil {
            throw .isolatedPartition(name)
        } else {
            throw .unknownPartition(name)
        }
    }

    /// The end of host names: `amazonaws.com`.
    public var domain: String { facts.domain }

    /// The end of host names that also answer on IPv6.
    public var dualStackDomain: String { facts.dualStackDomain }

    /// The region that services with one home per partition (IAM) are signed for.
    public var globalRegion: String { facts.globalRegion }

    /// The regions that exist today.
    package var regions: Set<String> { facts.regions }

    /// Every region of every partition that is supported.
    package static let allRegions = allCases.reduce(into: Set<String>()) { $0.formUnion($1.regions) }

    /// The areas that names of regions begin with, isolated ones too: `eu`, `us-gov`, `us-iso`.
    package static let areas =
        allCases.flatMap(\.facts.areas) + IsolatedPartition.allCases.map(\.area)
}

/// The reason why a region or a partition is refused.
public enum PartitionError: Error, Sendable, Equatable {
    /// The region's partition has no connection to the internet, and nothing here was made for it.
    case isolatedRegion(String, partition: String)
    /// The partition has no connection to the internet, and nothing here was made for it.
    case isolatedPartition(String)
    /// No partition has regions of that name, so neither its domain nor its ARNs are known.
    case unknownRegion(String)
    /// No partition has that name.
    case unknownPartition(String)
}

extension PartitionError: CustomStringConvertible {
    /// The problem for a person, in lower case.
    public var description: String {
        switch self {
        case .isolatedRegion(let region, let partition):
            "\(region) is a region of the isolated partition \(partition), which is not supported"
        case .isolatedPartition(let name): "the isolated partition \(name) is not supported"
        case .unknownRegion(let region): "\"\(Self.printable(region))\" is not the name of a region"
        case .unknownPartition(let name): "\"\(Self.printable(name))\" is not a partition"
        }
    }

    /// The start of a name that may be anything, without what a terminal would obey.
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.filter { (0x20..<0x7F).contains($0) }.prefix(64), as: UTF8.self)
    }

    /// The advice to the user.
    public var hint: String {
        let names = Partition.allCases.map(\.rawValue)
        let partitions = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        return switch self {
        case .isolatedRegion: "use a region of \(partitions)"
        case .isolatedPartition, .unknownPartition: "use \(partitions)"
        case .unknownRegion: "it looks like eu-central-1"
        }
    }
}

/// Partitions without a connection to the internet.
private enum IsolatedPartition: String, CaseIterable {
    case iso = "aws-iso"
    case isoB = "aws-iso-b"
    case isoE = "aws-iso-e"
    case isoF = "aws-iso-f"

    var area: String {
        switch self {
        case .iso: "us-iso"
        case .isoB: "us-isob"
        case .isoE: "eu-isoe"
        case .isoF: "us-isof"
        }
    }

    /// True if the region is in this partition, pseudo regions such as `aws-iso-global` included.
    func isNamed(by region: String) -> Bool {
        RegionName.area(of: region) == area || region == "\(rawValue)-global"
    }
}

// MARK: The table

/// One partition's row of botocore's `partitions.json`.
private struct PartitionFacts {
    /// Beginnings of its regions' names.
    let areas: [String]
    let domain: String
    let dualStackDomain: String
    let globalRegion: String
    let regions: Set<String>
}

extension Partition {
    private var facts: PartitionFacts {
        switch self {
        case .aws: Self.commercial
        case .china: Self.chinese
        case .govCloud: Self.government
        case .europeanSovereign: Self.sovereign
        }
    }

    private static let commercial = PartitionFacts(
        areas: ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        domain: "amazonaws.com",
        dualStackDomain: "api.aws",
        globalRegion: "us-east-1",
        regions: [
            "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
            "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
            "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1",
            "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
            "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2",
            "us-west-1", "us-west-2",
        ]
    )
    private static let chinese = PartitionFacts(
        areas: ["cn"],
        domain: "amazonaws.com.cn",
        dualStackDomain: "api.amazonwebservices.com.cn",
        globalRegion: "cn-north-1",
        regions: ["cn-north-1", "cn-northwest-1"]
    )
    private static let government = PartitionFacts(
        areas: ["us-gov"],
        domain: "amazonaws.com",
        dualStackDomain: "api.aws",
        globalRegion: "us-gov-west-1",
        regions: ["us-gov-east-1", "us-gov-west-1"]
    )
    private static let sovereign = PartitionFacts(
        areas: ["eusc-de"],
        domain: "amazonaws.eu",
        dualStackDomain: "api.amazonwebservices.eu",
        globalRegion: "eusc-de-east-1",
        regions: ["eusc-de-east-1"]
    )
}

/// Rules for the names of regions, which become part of host names.
package enum RegionName {
    /// 1 to 63 letters, digits and hyphens, not all digits, no hyphen at either end (botocore's rule).
    package static func isValid(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
            && !text.utf8.allSatisfy { digits.contains($0) }
    }

    /// The words that end a region's name, before its number.
    private static let directions: Set<Substring> = [
        "north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest",
    ]

    /// The area of a region's name, `us-gov` of `us-gov-west-1`; nil for a text that doesn't end in a direction and a
    /// number.
    static func area(of text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...5).contains(parts.count), text.utf8.count <= 63, let number = parts.last,
            (1...2).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts.dropLast().allSatisfy({ $0.utf8.count >= 2 && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) } }),
            // `us-gov-1` has an area and no direction, and so has `us-isoe-1`, which would be taken for one of `us`.
            directions.contains(parts[parts.count - 2])
        else { return nil }
        return parts.dropLast(2).joined(separator: "-")
    }
}
