package import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarModel

/// The validated configuration of a stack.
package struct StackConfiguration: Equatable, Sendable {
    /// A block volume for the database.
    package struct Volume: Equatable, Sendable {
        package let availabilityZone: String
        /// In GiB.
        package let size: Int
    }

    package let stackName: String
    package let region: String
    package let partition: Partition
    /// The only models that researchers may invoke; nil is any.
    package var models: ModelList?
    /// The regions in which researchers may call AWS at all; nil is any.
    package var regions: AccessPolicy.Regions?
    /// Permissions for calls that the model invocation log omits, or records without their price.
    package var allowsStreams = false
    package var allowsTiers = false
    package var allowsMantle = false
    /// The regions for which the server makes bearer tokens, the usual one first.
    package var tokenRegions: [String]
    package var externalID: String?
    /// The role's maximum session duration.
    package var longestSession = SessionDuration.oneHour
    /// The addresses that may call the server; nil is any.
    package var allowed: AddressList?
    /// The ARN of the policy that limits every role of the stack.
    package var permissionsBoundary: String?
    package var tags: [IAMTag] = []
    package var volume: Volume?
    /// The platform that the server runs on.
    package var serverTrust = ServerTrust.instance

    /// Warnings about permissions that no Bedrock log covers.
    package var unmetered: [UserFacingError] { StackParts(self).access(account: "").unmetered }

    /// A stack that researchers may use in `region` alone.
    ///
    /// - Throws: ``PartitionError`` for a region of no supported partition.
    package init(stackName: String, region: String) throws(PartitionError) {
        partition = try Partition(region: region)
        self.stackName = stackName
        self.region = region
        regions = AccessPolicy.Regions([region])
        tokenRegions = [region]
    }
}

/// CloudFormation's rules for stack names.
package enum StackName {
    package static let usual = "bursar"

    /// - Throws: ``UserFacingError`` for anything but a letter and then up to 127 letters, digits and hyphens.
    package static func check(_ name: String) throws(UserFacingError) {
        guard let first = name.utf8.first, (1...128).contains(name.utf8.count),
            first.isASCIILetterOrDigit, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") })
        else {
            throw UserFacingError.misuse(
                "--stack-name \"\(name)\" is not what CloudFormation takes",
                hint: "a letter first, then letters, digits and hyphens, 128 at most"
            )
        }
    }
}

/// STS's rules for external ids.
package enum ExternalID {
    /// - Throws: ``UserFacingError`` that names the option.
    package static func checked(_ text: String?) throws(UserFacingError) -> String? {
        let role = "arn:aws:iam::123456789012:role/any"
        do {
            try AssumeRoleRequest(roleARN: role, sessionName: "check", externalID: text).check()
        } catch {
            throw UserFacingError.misuse(
                "--external-id is not what STS takes",
                hint: "2 to 1224 letters, digits and _ + = , . @ : / -"
            )
        }
        return text
    }
}

/// The managed policy that limits every role of a stack.
package enum PermissionsBoundary {
    /// - Throws: ``UserFacingError`` for anything but the ARN of a policy in `partition`.
    package static func checked(_ arn: String?, _ partition: Partition) throws(UserFacingError) -> String? {
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

/// The tags of a stack's resources, by the rules that IAM, CloudWatch and EC2 share.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
package enum StackTags {
    /// The key of the tag that marks a stack as one of admin's.
    package static let mark = "bursar"

    /// AWS's limit of fifty, less the volume's name and the stack's own tag, which all of its resources get.
    static let most = 48

    /// - Throws: ``UserFacingError`` for the first tag that AWS would refuse.
    static func read(_ typed: [String]) throws(UserFacingError) -> [IAMTag] {
        guard typed.count <= most else {
            throw UserFacingError.misuse("--tag is given \(typed.count) times", hint: "\(most) tags are the most")
        }
        var tags: [IAMTag] = []
        var keys: Set<String> = []
        for entry in typed {
            let tag = try read(entry)
            // For IAM, keys that differ only in case are one key.
            guard keys.insert(tag.key.lowercased()).inserted else {
                throw UserFacingError.misuse(
                    "--tag \(tag.key) is given twice",
                    hint: "IAM tells no difference between A and a in keys"
                )
            }
            tags.append(tag)
        }
        return tags.sorted { $0.key < $1.key }
    }

    private static func read(_ entry: String) throws(UserFacingError) -> IAMTag {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw UserFacingError.misuse("--tag \"\(entry)\" has no value", hint: "write it as --tag project=engines")
        }
        let (key, value) = (parts[0], parts[1])
        guard !key.lowercased().hasPrefix("aws:") else {
            throw UserFacingError.misuse(
                "--tag \"\(key)\" begins with aws:, which is AWS's own",
                hint: "take another name"
            )
        }
        guard key.lowercased() != mark else {
            throw UserFacingError.misuse(
                "--tag \"\(key)\" is the mark by which admin knows its stacks",
                hint: "take another name"
            )
        }
        guard (1...128).contains(key.unicodeScalars.count), value.unicodeScalars.count <= 256,
            (key + value).unicodeScalars.allSatisfy(isAllowed)
        else {
            throw UserFacingError.misuse(
                "--tag \"\(entry)\" is not what AWS takes",
                hint: "1 to 128 characters, = and up to 256: letters, digits, blanks and _ . : / = + - @"
            )
        }
        return IAMTag(key: key, value: value)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || " _.:/=+-@".unicodeScalars.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator:
            return true
        default: return false
        }
    }
}
