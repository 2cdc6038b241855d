import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarModel

extension AWSAccount {
    /// Returns the unit's user; nil when there is none.
    ///
    /// - Throws: ``UserFacingError`` for a user of that name without Bursar's tags: other systems rely on it.
    package func user(_ unit: BusinessUnit) async throws -> LongTermUser? {
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
    package func existingUser(_ unit: BusinessUnit) async throws -> LongTermUser {
        guard let user = try await user(unit) else {
            throw UserFacingError("there is no IAM user \(unit.userName)", hint: "admin iam list shows those there are")
        }
        return user
    }

    /// Returns all users with Bursar's names and tags.
    package func users() async throws -> [LongTermUser] {
        var found: [LongTermUser] = []
        for user in try await iam.users() {
            guard let unit = BusinessUnit(userName: user.name) else { continue }
            let tags = try await iam.tags(ofUser: user.name)
            if let ours = LongTermUser(unit, arn: user.arn, tags: tags) { found.append(ours) }
        }
        return found.sorted { $0.name < $1.name }
    }

    /// Checks that each pattern matches a model of the region, since a misspelt one would make a key that can't invoke.
    ///
    /// A listing that fails for another reason than a missing permission is only a warning, since it proves nothing
    /// about the models.
    package func check(_ models: ModelList) async throws {
        let listed: [FoundationModel]
        do {
            listed = try await bedrock.foundationModels()
        } catch AWSError.refused(let refusal) where refusal.isDenied {
            throw AWSError.refused(refusal)
        } catch is AWSError {
            terminal.warn(UserFacingError("the models of \(region) can't be listed now, so \(models) was not checked"))
            return
        }
        guard let unknown = models.patterns.first(where: { pattern in !listed.contains { pattern.matches($0.id) } })
        else { return }
        throw UserFacingError(
            "there is no model \(unknown) in \(region)",
            hint: "aws bedrock list-foundation-models --region \(region), or another --region"
        )
    }
}

/// The choice of one of a user's keys: `older`, `newer`, its id as shown, or a distinctive part of it.
package enum AccessKeyChoice {
    private static let ages = ["older", "newer"]
    /// The shortest suffix of an id; a shorter one would match too much.
    private static let shortestEnd = 4

    /// - Throws: ``UserFacingError`` unless exactly one key matches.
    package static func key(_ typed: String, of user: LongTermUser, among keys: [IAMAccessKey]) throws(UserFacingError)
        -> IAMAccessKey
    {
        if ages.contains(typed) { return try byAge(isOlder: typed == "older", user, keys) }
        let found = keys.filter { fits(typed, $0.id) }
        guard let key = found.first else {
            throw UserFacingError("\(user.name) has no such key", hint: "admin iam show \(user.unit) shows its keys")
        }
        guard found.count == 1 else {
            throw UserFacingError(
                "both keys of \(user.name) are like that",
                hint: "--key older or newer, or an id as admin iam show \(user.unit) shows it"
            )
        }
        return key
    }

    private static func byAge(
        isOlder: Bool,
        _ user: LongTermUser,
        _ keys: [IAMAccessKey]
    ) throws(UserFacingError) -> IAMAccessKey {
        let sorted = keys.sorted { $0.created < $1.created }
        guard sorted.count == 2, let older = sorted.first, let newer = sorted.last else {
            throw UserFacingError(
                "\(user.name) has \(keys.count == 1 ? "one key" : "no keys"), none older or newer than another",
                hint: "admin iam show \(user.unit) shows its keys"
            )
        }
        guard older.created < newer.created else {
            throw UserFacingError(
                "both keys of \(user.name) were made in the same second",
                hint: "give an id as admin iam show \(user.unit) shows it"
            )
        }
        return isOlder ? older : newer
    }

    private static func fits(_ typed: String, _ id: String) -> Bool {
        let ends = typed.replacing("...", with: "…").split(separator: "…", omittingEmptySubsequences: false)
        if ends.count == 2, let start = ends.first, let end = ends.last {
            return start.utf8.count + end.utf8.count > 0 && id.hasPrefix(start) && id.hasSuffix(end)
        }
        guard ends.count == 1, !typed.isEmpty else { return false }
        return id.hasPrefix(typed) || typed.utf8.count >= shortestEnd && id.hasSuffix(typed)
    }
}
