import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import Testing

@testable import AWSOperations

/// How a key is named that is nowhere shown as a whole.
@Suite struct AccessKeyChoiceTests {
    private let user: LongTermUser
    /// As AWS makes them: the account is in the first characters.
    private static let older = "AKIAZ3QX7MVNB2KDPLQR"
    private static let newer = "AKIAZ3QX7MVNHWTCAAEO"

    init() throws {
        let unit = try #require(BusinessUnit("payments"))
        let tags = LongTermUser.tags(unit, owner: "ada@example.edu", createdBy: "operator")
        user = try #require(LongTermUser(unit, arn: "arn:aws:iam::123456789012:user/payments-bedrock-user", tags: tags))
    }

    private static func key(_ id: String, at seconds: Double) -> IAMAccessKey {
        IAMAccessKey(id: id, isActive: true, created: Date(timeIntervalSince1970: seconds))
    }

    private func chosen(_ typed: String, _ keys: [IAMAccessKey]) throws(UserFacingError) -> String {
        try AccessKeyChoice.key(typed, of: user, among: keys).id
    }

    private static let two = [key(newer, at: 2000), key(older, at: 1000)]

    @Test func `two keys of one account are shown as two, in twelve characters`() {
        #expect("\(MaskedKeyID(Self.older))" == "AKIAZ3QX…PLQR")
        #expect("\(MaskedKeyID(Self.newer))" == "AKIAZ3QX…AAEO")
        #expect("\(MaskedKeyID("AKIAZ3QX7MVN"))" == "AKIAZ3QX…")
    }

    @Test(arguments: [
        ("older", older), ("newer", newer), ("AKIAZ3QX…PLQR", older), ("AKIAZ3QX...AAEO", newer), ("AAEO", newer),
        ("…PLQR", older), (older, older), ("AKIAZ3QX7MVNB", older),
    ])
    func `a key is named by its age or by what is shown of it`(typed: String, id: String) throws {
        #expect(try chosen(typed, Self.two) == id)
    }

    @Test(arguments: [
        ("AKIA", "--key older or newer"), ("AKIAZ3QX7MVN", "--key older or newer"), ("AKIAZ3QX…", "older or newer"),
        ("", "no such key"), ("…", "no such key"), ("EO", "no such key"), ("oldest", "no such key"),
        ("AKIAZ3QX…ZZZZ", "no such key"), ("A…B…C", "no such key"),
    ])
    func `what fits both keys, or none, is refused`(typed: String, part: String) throws {
        let problem = try #require(throws: UserFacingError.self) { try chosen(typed, Self.two) }
        #expect("\(problem.problem) \(problem.hint ?? "")".contains(part), "\(problem)")
    }

    @Test func `older and newer are of two keys, and need two moments`() throws {
        let one = try #require(throws: UserFacingError.self) { try chosen("older", [Self.key(Self.older, at: 1)]) }
        #expect(one.problem.contains("one key"))
        let none = try #require(throws: UserFacingError.self) { try chosen("newer", []) }
        #expect(none.problem.contains("no keys"))
        let same = [Self.key(Self.older, at: 1), Self.key(Self.newer, at: 1)]
        let problem = try #require(throws: UserFacingError.self) { try chosen("newer", same) }
        #expect(problem.problem.contains("same second"))
    }
}
