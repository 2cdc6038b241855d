import AWSTestSupport
import BursarFoundation
import BursarModel
import Storage
import Testing

@testable import AuditVerification

/// Sessions that AWS issued, compared with the record.
@Suite struct ReconciliationTests {
    private static let noon = Date(timeIntervalSince1970: 1_795_262_400)

    private func event(_ change: (inout CloudTrailEvent) -> Void = { _ in }) throws -> AssumeRoleEvent {
        var event = CloudTrailEvent()
        change(&event)
        return try #require(try AssumeRoleEvent(json: Array(event.json.utf8)[...]))
    }

    private func reconcile(
        _ events: [AssumeRoleEvent],
        _ vends: [(accessKeyID: String, researcher: String, after: TimeInterval)],
        _ blocks: [PossibleBlock] = []
    ) -> Reconciliation {
        var sessions = VendedSessions()
        for (number, vend) in vends.enumerated() {
            let session = VendedSession(
                sequence: Int64(number),
                date: Self.noon.addingTimeInterval(vend.after),
                accessKeyID: vend.accessKeyID,
                researcher: vend.researcher,
                key: "7c3kq9x2mzpa"
            )
            let isRoom = sessions.add(session)
            #expect(isRoom)
        }
        let range = Self.noon.addingTimeInterval(-3600)...Self.noon.addingTimeInterval(3600)
        var explanations = ExplainedGaps()
        for block in blocks {
            let isRoom = explanations.add(block)
            #expect(isRoom)
        }
        return Reconciliation(events, with: sessions, in: range, explainedBy: explanations) { name in
            ["ada", "bob"].first { name == $0 || name.hasPrefix($0 + "+") }
        }
    }

    private static let known = "ASIAEXAMPLE0000000001"

    @Test func `one session and its many vends are one on both sides, in files that are given twice too`() throws {
        let result = try reconcile([event(), event()], [(Self.known, "ada", 1), (Self.known, "ada", 600)])
        #expect((result.matched, result.vends) == (1, 2))
        #expect(result.lines.isEmpty)
    }

    @Test func `a session whose vend came long after it is matched`() throws {
        #expect(try reconcile([event()], [(Self.known, "ada", 40_000)]).lines.isEmpty)
    }

    @Test func `a session that nobody was vended is unrecorded when it wasn't the server's`() throws {
        let stranger = try event {
            $0.accessKeyID = "ASIAOTHER"
            $0.caller = "arn:aws:iam::123456789012:user/eve"
        }
        let result = try reconcile([event(), stranger], [(Self.known, "ada", 1)])
        #expect(result.lines.map(\.finding) == [.unrecorded])
        #expect(result.lines.first?.caller?.hasSuffix("user/eve") == true)
    }

    @Test func `the server's own session for an unknown researcher is unrecorded`() throws {
        let other = try event {
            $0.accessKeyID = "ASIAOTHER"
            $0.session = "eve"
        }
        #expect(try reconcile([event(), other], [(Self.known, "ada", 1)]).lines.map(\.finding) == [.unrecorded])
    }

    /// The verdict on a session of bob's at noon that was never vended.
    private func finding(_ blocks: [PossibleBlock], session: String = "bob") throws -> [Reconciliation.Finding] {
        let other = try event {
            $0.accessKeyID = "ASIAOTHER"
            $0.session = session
        }
        return try reconcile([event(), other], [(Self.known, "ada", 1)], blocks).lines.map(\.finding)
    }

    @Test func `the server's session for a researcher that was never vended is an alarm`() throws {
        #expect(try finding([]) == [.unexplained])
        #expect(Reconciliation.Finding.unexplained.isAlarming)
    }

    @Test(arguments: ["bob", "Bob", nil], [-60.0, 0, 120])
    func `a refusal or change at the time explains it`(_ researcher: String?, _ after: TimeInterval) throws {
        let block = PossibleBlock(date: Self.noon.addingTimeInterval(after), researcher: researcher)
        #expect(try finding([block]) == [.unvended])
        #expect(try finding([block], session: "bob+7c3kq9x2mzpa") == [.unvended])
        #expect(!Reconciliation.Finding.unvended.isAlarming)
    }

    @Test(arguments: [("ada", 0.0), ("bob", -61), ("bob", 121), (nil, 121)])
    func `another researcher's, or one at another time, doesn't`(_ researcher: String?, _ after: TimeInterval) throws {
        let block = PossibleBlock(date: Self.noon.addingTimeInterval(after), researcher: researcher)
        #expect(try finding([block]) == [.unexplained])
    }

    @Test func `when no session is matched, nobody is taken for the server`() throws {
        #expect(try reconcile([event()], []).lines.map(\.finding) == [.unrecorded])
    }

    @Test func `sessions of the server's own check are recognized`() throws {
        let check = try event {
            $0.accessKeyID = "ASIACHECK"
            $0.session = "bursar-check"
        }
        #expect(try reconcile([event(), check], [(Self.known, "ada", 1)]).lines.map(\.finding) == [.check])
    }

    @Test func `a vend that AWS knows nothing of is unissued`() throws {
        let result = try reconcile([event()], [(Self.known, "ada", 1), ("ASIAGHOST", "bob", 5)])
        #expect(result.lines.map(\.finding) == [.unissued])
        #expect(result.lines.first?.researcher == "bob")
    }

    @Test(arguments: [-7200.0, -3590, 3700])
    func `vends that the files don't cover say nothing`(_ after: TimeInterval) throws {
        #expect(try reconcile([event()], [(Self.known, "ada", 1), ("ASIAGHOST", "bob", after)]).lines.isEmpty)
    }

    @Test func `one event alone covers a moment, in which nothing else can be missed`() throws {
        var sessions = VendedSessions()
        let ghost = VendedSession(sequence: 1, date: Self.noon, accessKeyID: "ASIAGHOST", researcher: "bob", key: "k")
        let isRoom = sessions.add(ghost)
        #expect(isRoom)
        let result = Reconciliation(try [event()], with: sessions, in: Self.noon...Self.noon) { $0 }
        #expect(result.lines.map(\.finding) == [.unrecorded])
    }

    @Test func `simulated sessions are left out`() throws {
        let result = try reconcile([event()], [(Self.known, "ada", 1), ("ASIASIMULATED1234567", "bob", 5)])
        #expect(result.lines.isEmpty)
        #expect(result.simulated == 1)
    }

    @Test func `a vend on record for another researcher is mismatched`() throws {
        #expect(try reconcile([event()], [(Self.known, "bob", 1)]).lines.map(\.finding) == [.mismatched])
    }

    @Test(arguments: [
        ("ada+7c3kq9x2mzpa", true), ("ada+2222222222aa", false), ("bob+7c3kq9x2mzpa", false), ("ada+", false),
    ])
    func `a session that is named for a key is matched by a vend to that key alone`(_ name: String, _ isMatched: Bool)
        throws
    {
        let lines = try reconcile([event { $0.session = name }], [(Self.known, "ada", 1)]).lines
        #expect(lines.map(\.finding) == (isMatched ? [] : [.mismatched]))
    }

    @Test func `refused and other calls are no sessions`() throws {
        for event in [
            CloudTrailEvent(error: "AccessDenied"), CloudTrailEvent(name: "AssumeRoleWithWebIdentity"),
            CloudTrailEvent(name: "GetCallerIdentity"),
        ] {
            #expect(try AssumeRoleEvent(json: Array(event.json.utf8)[...]) == nil)
        }
    }

    @Test func `the form of lookup-events tells the same`() throws {
        let lookup = CloudTrailEvent.lookup([CloudTrailEvent()])
        let item = lookup.dropFirst(#"{"Events":["#.count).prefix { $0 != "]" }
        #expect(try AssumeRoleEvent(json: Array(String(item).utf8)[...]) == event())
    }
}
