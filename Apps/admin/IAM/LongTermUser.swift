import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarModel

/// An IAM user for a business unit's systems, identified by its tags.
struct LongTermUser {
    let unit: BusinessUnit
    let arn: String
    let tags: [IAMTag]

    static let policyName = "bursar-bedrock-invoke"

    var name: String { unit.userName }
    var owner: String? { value(.owner) }

    /// The tags for cost reports, which also mark a user as Bursar's.
    enum TagKey: String {
        case businessUnit = "business-unit"
        case purpose = "purpose"
        case owner = "owner"
        case createdBy = "created-by"
    }

    static func tags(_ unit: BusinessUnit, owner: String, createdBy: String) -> [IAMTag] {
        let values: [(TagKey, String)] = [
            (.businessUnit, unit.description), (.purpose, "bedrock"), (.owner, owner), (.createdBy, createdBy),
        ]
        return values.map { IAMTag(key: $0.rawValue, value: $1) }
    }

    /// Returns nil for a user without Bursar's tags.
    init?(_ unit: BusinessUnit, arn: String, tags: [IAMTag]) {
        self.unit = unit
        self.arn = arn
        self.tags = tags
        guard value(.purpose) == "bedrock", value(.businessUnit) == unit.description else { return nil }
    }

    func value(_ key: TagKey) -> String? {
        tags.first { $0.key == key.rawValue }?.value
    }
}

extension AWSAccount {
    /// Returns the unit's user; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for a user of that name without Bursar's tags: other systems rely on it.
    func user(_ unit: BusinessUnit) async throws -> LongTermUser? {
        guard let user = try await iam.user(unit.userName) else { return nil }
        let tags = try await iam.tags(ofUser: user.name)
        guard let ours = LongTermUser(unit, arn: user.arn, tags: tags) else {
            throw UserFacingError(
                "there is an IAM user \(user.name), without the tags purpose=bedrock and business-unit=\(unit)",
                hint: "it may be another team's: take another business unit, or tag it yourself if it is yours"
            )
        }
        return ours
    }

    /// Returns the unit's user, which must exist.
    func existingUser(_ unit: BusinessUnit) async throws -> LongTermUser {
        guard let user = try await user(unit) else {
            throw UserFacingError("there is no IAM user \(unit.userName)", hint: "admin iam list shows those there are")
        }
        return user
    }

    /// Returns all users with Bursar's names and tags.
    func users() async throws -> [LongTermUser] {
        var found: [LongTermUser] = []
        for user in try await iam.users() {
            guard let unit = BusinessUnit(userName: user.name) else { continue }
            let tags = try await iam.tags(ofUser: user.name)
            if let ours = LongTermUser(unit, arn: user.arn, tags: tags) { found.append(ours) }
        }
        return found.sorted { $0.name < $1.name }
    }
}

/// The cost centre of a long-term key, and the stem of the user's name: `payments-bedrock-user`.
struct BusinessUnit: Hashable, CustomStringConvertible, ExpressibleByArgument {
    /// Lower-case letters and digits, with single hyphens between.
    let description: String

    private static let suffix = "-bedrock-user"

    /// Accepts capitals, blanks and underscores too; nil when it can't be part of a name of 64 characters.
    init?(_ text: String) {
        let plain = text.trimmingASCIIWhitespace().lowercased().map { " _".contains($0) ? "-" : $0 }
        let parts = String(plain).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isASCIILetterOrDigit) }),
            plain.count + Self.suffix.utf8.count <= 64
        else { return nil }
        description = String(plain)
    }

    init?(argument: String) {
        self.init(argument)
    }

    /// The unit of a user with a name of Bursar's form; nil for other names.
    init?(userName: String) {
        guard userName.hasSuffix(Self.suffix) else { return nil }
        self.init(String(userName.dropLast(Self.suffix.count)))
        guard self.userName == userName else { return nil }
    }

    var userName: String { description + Self.suffix }
}

/// A masked access key id, for all places but the key itself: twelve of its characters.
///
/// The last four are among them: ids of one account's keys begin alike, and two keys of a user have to be
/// distinguished.
struct MaskedKeyID: CustomStringConvertible {
    private static let first = 8
    private static let last = 4

    let description: String

    /// An id that isn't longer than its mask shows its beginning alone.
    init(_ id: String) {
        let isLonger = id.count > Self.first + Self.last
        description = id.prefix(Self.first) + "…" + (isLonger ? id.suffix(Self.last) : "")
    }
}
