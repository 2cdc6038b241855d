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
        sparing: Set<String> = [],
        identity: Bool = false
    ) throws -> SessionRevocationPolicy {
        let cut = SessionRevocationPolicy.Cut(before: date, sparing: sparing)
        return SessionRevocationPolicy(try #require(Handle(handle)), cut, matchesSourceIdentity: identity)
    }

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
        ]
        for end in all { #expect(try readBack(end) == end) }
        #expect(all[3].cuts.count == 2)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"Statement":[]}"#, #"{"Statement":{"Effect":"Deny"}}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Allow","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["s3:*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["2026-11-21T12:00:00Z"]},"StringLike":{"aws:userid":["*:bob"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":["yesterday"]},"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
        #"{"Statement":[{"Action":["*"],"Effect":"Deny","Resource":["*"],"Condition":{"StringLike":{"aws:userid":["*:ada"]}}}]}"#,
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
