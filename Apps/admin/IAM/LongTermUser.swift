import AWSAuth
import ArgumentParser
import BursarConsole
import BursarModel

/// An IAM user that was made for a business unit's systems, as its tags say.
struct LongTermUser {
    let unit: BusinessUnit
    let arn: String
    let tags: [IAMTag]

    static let policyName = "bursar-bedrock-invoke"

    var name: String { unit.userName }
    var owner: String? { value(.owner) }

    /// The tags that cost reports go by, and that say that a user is ours.
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

    /// nil for a user who isn't tagged as ours.
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
    /// The unit's user; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for a user of that name who isn't tagged as ours: somebody else relies on it.
    func user(_ unit: BusinessUnit) async throws -> LongTermUser? {
        guard let user = try await iam.user(unit.userName) else { return nil }
        let tags = try await iam.tags(ofUser: user.name)
        guard let ours = LongTermUser(unit, arn: user.arn, tags: tags) else {
            throw UserFacingError(
                "there is an IAM user \(user.name), without the tags purpose=bedrock and business-unit=\(unit)",
                hint: "it may be somebody else's: take another business unit, or tag it yourself if it is yours"
            )
        }
        return ours
    }

    /// The unit's user, who must be there.
    func existingUser(_ unit: BusinessUnit) async throws -> LongTermUser {
        guard let user = try await user(unit) else {
            throw UserFacingError("there is no IAM user \(unit.userName)", hint: "admin iam list shows those there are")
        }
        return user
    }

    /// All users who are ours, by name and tags.
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

/// What a long-term key is accounted to; it makes the user's name, `payments-bedrock-user`.
struct BusinessUnit: Hashable, CustomStringConvertible, ExpressibleByArgument {
    /// Lower-case letters and digits, single hyphens between.
    let description: String

    private static let suffix = "-bedrock-user"

    /// Takes capitals, blanks and underscores too; nil when it can't be in a name of 64 characters.
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

    /// The unit of a user whose name says that they are ours.
    init?(userName: String) {
        guard userName.hasSuffix(Self.suffix) else { return nil }
        self.init(String(userName.dropLast(Self.suffix.count)))
        guard self.userName == userName else { return nil }
    }

    var userName: String { description + Self.suffix }
}

/// An access key's id as it is shown wherever the key itself isn't: twelve of its characters.
///
/// The last four are among them: ids of one account's keys begin alike, and two keys of one user have to be told apart.
struct MaskedKeyID: CustomStringConvertible {
    private static let first = 8
    private static let last = 4

    let description: String

    /// All of an id that isn't longer than what is shown would be no mask, so it shows its beginning alone.
    init(_ id: String) {
        let isLonger = id.count > Self.first + Self.last
        description = id.prefix(Self.first) + "…" + (isLonger ? id.suffix(Self.last) : "")
    }
}
