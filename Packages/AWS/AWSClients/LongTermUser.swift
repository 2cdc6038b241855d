import BursarModel

/// An IAM user for a business unit's systems, identified by its tags.
package struct LongTermUser: Sendable {
    package let unit: BusinessUnit
    package let arn: String
    package let tags: [IAMTag]

    package static let policyName = "bursar-bedrock-invoke"

    package var name: String { unit.userName }
    package var owner: String? { value(.owner) }

    /// The tags for cost reports, which also mark a user as Bursar's.
    package enum TagKey: String {
        case businessUnit = "business-unit"
        case purpose = "purpose"
        case owner = "owner"
        case createdBy = "created-by"
    }

    package static func tags(_ unit: BusinessUnit, owner: String, createdBy: String) -> [IAMTag] {
        let values: [(TagKey, String)] = [
            (.businessUnit, unit.description), (.purpose, "bedrock"), (.owner, owner), (.createdBy, createdBy),
        ]
        return values.map { IAMTag(key: $0.rawValue, value: $1) }
    }

    /// Returns nil for a user without Bursar's tags.
    package init?(_ unit: BusinessUnit, arn: String, tags: [IAMTag]) {
        self.unit = unit
        self.arn = arn
        self.tags = tags
        guard value(.purpose) == "bedrock", value(.businessUnit) == unit.description else { return nil }
    }

    package func value(_ key: TagKey) -> String? {
        tags.first { $0.key == key.rawValue }?.value
    }
}

/// The cost centre of a long-term key, and the stem of the user's name: `payments-bedrock-user`.
package struct BusinessUnit: Hashable, Sendable, CustomStringConvertible {
    /// Lower-case letters and digits, with single hyphens between.
    package let description: String

    private static let suffix = "-bedrock-user"

    /// Accepts capitals, blanks and underscores too; nil when it can't be part of a name of 64 characters.
    package init?(_ text: String) {
        let plain = text.trimmingASCIIWhitespace().lowercased().map { " _".contains($0) ? "-" : $0 }
        let parts = String(plain).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isASCIILetterOrDigit) }),
            plain.count + Self.suffix.utf8.count <= 64
        else { return nil }
        description = String(plain)
    }

    /// The unit of a user with a name of Bursar's form; nil for other names.
    package init?(userName: String) {
        guard userName.hasSuffix(Self.suffix) else { return nil }
        self.init(String(userName.dropLast(Self.suffix.count)))
        guard self.userName == userName else { return nil }
    }

    package var userName: String { description + Self.suffix }
}

/// A masked access key id, for all places but the key itself: twelve of its characters.
///
/// The last four are among them: ids of one account's keys begin alike, and two keys of a user have to be
/// distinguished.
package struct MaskedKeyID: CustomStringConvertible {
    private static let first = 8
    private static let last = 4

    package let description: String

    /// An id that isn't longer than its mask shows its beginning alone.
    package init(_ id: String) {
        let isLonger = id.count > Self.first + Self.last
        description = id.prefix(Self.first) + "…" + (isLonger ? id.suffix(Self.last) : "")
    }
}

/// A strict check of e-mail addresses, for those that become tags and words of a command.
package enum EmailAddress {
    /// Returns true for an ordinary address that can go into a tag and a command without quoting.
    package static func isValid(_ text: String) -> Bool {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, let local = sides.first, let domain = sides.last, text.utf8.count <= 254 else {
            return false
        }
        func isLabel(_ label: Substring, _ marks: String) -> Bool {
            !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || marks.contains($0) }
        }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0, "_%+'-") }
            && labels.count > 1 && labels.allSatisfy { isLabel($0, "-") && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
    }
}
