import BursarFoundation
import BursarModel
import Testing

@testable import AWSAuth
@testable import AWSClients

/// The policy that ends sessions: who is denied by it, and what of it is read back.
@Suite struct SessionRevocationPolicyTests {
    private static let noon = Date(timeIntervalSince1970: 1_795_262_400)
    private static let hour: TimeInterval = 3600

    private func end(
        _ handle: String = "ada",
        at date: Date = noon,
        keys: [String] = [],
        sparing: Set<String> = [],
        identity: Bool = false
    ) throws -> SessionRevocationPolicy {
        let cut = SessionRevocationPolicy.Cut(before: date, keys: Set(try keys.map(Self.key)), sparing: sparing)
        return SessionRevocationPolicy(try #require(Handle(handle)), cut, matchesSourceIdentity: identity)
    }

    /// The end of some keys' sessions alone, by their names.
    private func end(only keys: [String], at date: Date = noon, identity: Bool = false) throws
        -> SessionRevocationPolicy
    {
        let cut = SessionRevocationPolicy.Cut(before: date, only: Set(try keys.map(Self.key)))
        return SessionRevocationPolicy(try #require(Handle("ada")), cut, matchesSourceIdentity: identity)
    }

    private static func key(_ id: String) throws -> KeyID { try #require(KeyID(id)) }

    private func readBack(_ end: SessionRevocationPolicy) throws -> SessionRevocationPolicy? {
        SessionRevocationPolicy(policyName: end.policyName, document: try end.document.compact())
    }

    @Test func `it denies everything to sessions of that name which were issued before`() throws {
        let document = try end().document.compact()
        #expect(
            document == #"{"Statement":[{"Action":["*"],"Condition":{"#
                + #""DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"#
                + #""StringLike":{"aws:userid":["*:ada"]}},"Effect":"Deny","Resource":["*"]}],"#
                + #""Version":"2012-10-17"}"#
        )
        #expect(try end().policyName == "bursar-end-ada")
    }

    @Test func `it names each key's sessions one by one, never by a pattern`() throws {
        let condition = try end(keys: ["7c3kq9x2mzpa", "2222222222aa"]).document.statements.first?.condition
        #expect(
            condition?["StringLike"] == ["aws:userid": ["*:ada", "*:ada+2222222222aa", "*:ada+7c3kq9x2mzpa"]]
        )
        #expect(condition?["StringNotEquals"] == nil)
    }

    @Test func `for one key its name is enough, and SourceIdentity would be too much`() throws {
        let statements = try end(only: ["7c3kq9x2mzpa"], identity: true).document.statements
        #expect(statements.count == 1)
        #expect(statements[0].condition?["StringLike"] == ["aws:userid": ["*:ada+7c3kq9x2mzpa"]])
        #expect(statements[0].condition?.count == 2)
    }

    @Test func `a handle that leaves no room for a key's id goes alone`() throws {
        let long = String(repeating: "x", count: SessionName.longestHandle + 1)
        let end = try end(long, keys: ["7c3kq9x2mzpa"])
        #expect(end.document.statements.first?.condition?["StringLike"] == ["aws:userid": ["*:\(long)"]])
        #expect(try readBack(end) == end)
    }

    @Test func `SourceIdentity comes beside the name, so that sessions without one are denied too`() throws {
        let conditions = try end(identity: true).document.statements.map(\.condition)
        #expect(conditions.count == 2)
        #expect(conditions[0]?["StringLike"] == ["aws:userid": ["*:ada"]])
        #expect(conditions[1]?["StringEquals"] == ["aws:SourceIdentity": ["ada"]])
        #expect(conditions.allSatisfy { $0?["DateLessThan"]?["aws:TokenIssueTime"] == ["2026-11-21T12:00:00Z"] })
    }

    @Test func `for one key, others are spared by their tag, and what has no tag is denied`() throws {
        let condition = try end(sparing: ["7c3kq9x2mzpa", "2222222222aa"]).document.statements.first?.condition
        // A negated test is true of a session that has no such tag.
        #expect(condition?["StringNotEquals"] == ["aws:PrincipalTag/key": ["2222222222aa", "7c3kq9x2mzpa"]])
    }

    @Test(arguments: ["ab", "ada.b+c=d,e@f_g-h", "A2", String(repeating: "x", count: 64)])
    func `no handle holds a wildcard or a variable, and every one makes a policy's name`(_ handle: String) throws {
        let end = try end(handle)
        #expect(try readBack(end) == end)
        #expect(!handle.contains { "*?$:{".contains($0) })
        try IAMLimits.check(policyName: end.policyName)
    }

    @Test(arguments: ["a*a", "a?a", "${a}", "a:ada", "a", "", "ada\n", "*:ada"])
    func `what would stand for others is no handle`(_ text: String) {
        #expect(Handle(text) == nil)
    }

    @Test func `what is written is read back, with all that it says`() throws {
        let all = [
            try end(), try end(identity: true), try end(sparing: ["7c3kq9x2mzpa"], identity: true),
            try end(at: Self.noon + Self.hour, sparing: ["7c3kq9x2mzpa"]).joined(with: try end(), at: Self.noon),
            try end(keys: ["7c3kq9x2mzpa", "2222222222aa"], identity: true),
            try end(only: ["7c3kq9x2mzpa"], identity: true),
            try end(keys: ["7c3kq9x2mzpa"], sparing: ["2222222222aa"], identity: true),
            try end(only: ["7c3kq9x2mzpa"], at: Self.noon + Self.hour)
                .joined(with: try end(keys: ["2222222222aa"], identity: true), at: Self.noon),
        ]
        for end in all { #expect(try readBack(end) == end) }
        #expect(all[3].cuts.count == 2 && all[7].cuts.count == 2)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"Statement":[]}"#, #"{"Statement":{"Effect":"Deny"}}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Allow","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["s3:*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:bob"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["yesterday"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada","*:ada+*"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada","*:ada+????????????"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada","*:bob+7c3kq9x2mzpa"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["ada+7c3kq9x2mzpa"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringEquals":{"aws:SourceIdentity":["ada"]}}}]}"#,
    ])
    func `what this program hasn't written is not taken for its own`(_ document: String) {
        #expect(SessionRevocationPolicy(policyName: "bursar-end-ada", document: document) == nil)
    }

    @Test(arguments: ["bursar-end-", "bursar-end-a b", "bursar-ended-ada", "use"])
    func `a policy of another name is another's`(_ name: String) throws {
        #expect(SessionRevocationPolicy(policyName: name, document: try end().document.compact()) == nil)
    }

    @Test func `a later end of all sessions takes the place of what was before`() throws {
        let later = try end(at: Self.noon + Self.hour)
        #expect(later.joined(with: try end(), at: Self.noon) == later)
        #expect(later.joined(with: try end(sparing: ["7c3kq9x2mzpa"]), at: Self.noon) == later)
        #expect(later.includes(try end()))
        #expect(!(try end().includes(later)))
    }

    @Test func `the end of one key leaves the earlier end of all in force`() throws {
        let one = try end(at: Self.noon + Self.hour, sparing: ["7c3kq9x2mzpa"])
        let joined = one.joined(with: try end(), at: Self.noon + Self.hour)
        #expect(joined.cuts.map(\.before) == [Self.noon, Self.noon + Self.hour])
        #expect(joined.cuts.map(\.sparing) == [[], ["7c3kq9x2mzpa"]])
        #expect(joined.includes(one) && !one.includes(joined))
        #expect(joined.includes(try end()))
    }

    @Test func `an end of all takes over the keys that were named before, so that they take no room of their own`()
        throws
    {
        let old = try end(keys: ["2222222222aa"])
        let all = try end(at: Self.noon + Self.hour, keys: ["7c3kq9x2mzpa"]).joined(with: old, at: Self.noon)
        #expect(try all == end(at: Self.noon + Self.hour, keys: ["2222222222aa", "7c3kq9x2mzpa"]))
        #expect(try all.includes(old) && all.includes(end(only: ["2222222222aa"])))
        // One of an earlier version, which knew the handle alone.
        #expect(try all.includes(end()) && all.joined(with: end(), at: Self.noon) == all)
        #expect(try end(only: ["2222222222aa"]).joined(with: all, at: Self.noon) == all)
    }

    @Test func `the end of one key's sessions is no end of another's, nor of those named by the handle`() throws {
        let (one, other) = (try end(only: ["7c3kq9x2mzpa"]), try end(only: ["2222222222aa"]))
        #expect(try !one.includes(other) && !one.includes(end()) && !end().includes(one))
        let joined = one.joined(with: other, at: Self.noon)
        #expect(joined.includes(one) && joined.includes(other) && joined.cuts.count == 2)
        #expect(try readBack(joined) == joined)
    }

    @Test func `as many ends fit on a role as the help says`() throws {
        func ends(_ keys: Int, identity: Bool) throws -> Int {
            var random = SystemRandomNumberGenerator()
            let ids = (0..<keys).map { _ in KeyID(using: &random).description }
            return PolicyLimit.inline / (try end("ada-lovelace", keys: ids, identity: identity).document.size())
        }
        #expect(try ends(1, identity: false) == 42 && ends(1, identity: true) == 24)
        #expect(try ends(3, identity: false) == 33 && ends(3, identity: true) == 21)
    }

    @Test func `one who may be denied by SourceIdentity is not let go by a policy without`() throws {
        let old = try end(identity: true)
        let new = try end(at: Self.noon + Self.hour)
        #expect(!new.includes(old))
        #expect(new.joined(with: old, at: Self.noon).matchesSourceIdentity)
    }

    @Test func `what is over is left out of what is joined, and outdated by the longest session that any role gives`()
        throws
    {
        let old = try end()
        #expect(!old.isOutdated(at: Self.noon + 12 * Self.hour))
        #expect(old.isOutdated(at: Self.noon + 12 * Self.hour + 901))
        let one = try end(at: Self.noon + 13 * Self.hour, sparing: ["7c3kq9x2mzpa"])
        #expect(one.joined(with: old, at: Self.noon + 13 * Self.hour).cuts.count == 1)
    }

    // MARK: Clocks

    @Test(arguments: [0.0, 0.001, 0.5, 0.999])
    func `what AWS issued until a moment is before the cutoff, and what comes after its local moment isn't`(
        fraction: TimeInterval
    ) {
        // AWS is 100 s and a bit ahead, as far as a header of whole seconds tells.
        let clock = ClockSkewEstimate(ahead: 99.7...100.9)
        let local = Self.noon + fraction
        let cutoff = clock.cutoff(after: local)
        #expect(cutoff.timeIntervalSince1970.truncatingRemainder(dividingBy: 1) == 0)
        for ahead in [99.7, 100.0, 100.9] {
            #expect(local + ahead < cutoff)
            let first = (clock.local(from: cutoff) + ahead).timeIntervalSince1970.rounded(.down)
            #expect(first >= cutoff.timeIntervalSince1970)
        }
        let milliseconds = (clock.local(from: cutoff).timeIntervalSince1970 * 1000).rounded(.down)
        let stored = Date(timeIntervalSince1970: milliseconds / 1000)
        #expect(clock.cutoff(reachedBy: stored) == cutoff)
    }
}
