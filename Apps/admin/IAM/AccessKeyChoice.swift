import AWSAuth
import BursarConsole

/// Which of a user's keys is meant: `older`, `newer`, its id as it is shown, or as much of it as tells it apart.
enum AccessKeyChoice {
    private static let ages = ["older", "newer"]
    /// An end of fewer characters fits too much.
    private static let shortestEnd = 4

    /// - Throws: ``UserFacingError`` unless exactly one is.
    static func key(_ typed: String, of user: LongTermUser, among keys: [IAMAccessKey]) throws(UserFacingError)
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
