import FoundationEssentials
import TestSupport
import Testing

/// `admin audit`, as it is run.
@Suite struct AuditCommandTests {
    private struct Record: Decodable {
        let sequence: Int
        let kind: String
        let researcher: String?
        let key: String?
        let actor: String?
    }

    private struct Verdict: Decodable {
        struct Anchors: Decodable {
            let matched: Int
        }

        let intact: Bool
        let firstBad: Int?
        let fault: String?
        let last: Int
        let head: String
        let anchors: Anchors?
    }

    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private func list(_ options: String = "") async throws -> [Record] {
        try decoded(try await home.prints("audit list --format json " + options))
    }

    private func verify(_ options: String = "", input: String = "") async throws -> (Verdict, Program.Outcome) {
        let outcome = try await home.admin("audit verify --format json " + options, input: input)
        return (try decoded(outcome.output), outcome)
    }

    /// A line as the server logs it.
    private func logged(_ verdict: Verdict) -> String {
        #"{"level":"notice","message":"chain","head":"\#(verdict.head)","sequence":"\#(verdict.last)"}"# + "\n"
    }

    @Test func `every action is on record with its actor and host, and without names`() async throws {
        try await home.addAda()
        let key = try await home.issueKey("--label secretlabel")
        _ = try await home.prints("keys revoke \(key) --yes --reason", "stolen by Mallory")
        _ = try await home.prints("vending pause --yes")
        _ = try await home.prints("vending resume")
        let records = try await list()
        #expect(
            records.map(\.kind) == [
                "vending_resumed", "vending_paused", "key_revoked", "key_issued", "researcher_added",
            ]
        )
        #expect(records.allSatisfy { $0.actor?.contains("@") == true })
        #expect(records[2].key == key)
        let text = try await home.prints("audit list --format json")
        for personal in ["Lovelace", "example.edu", "Mallory", "secretlabel"] { #expect(!text.contains(personal)) }
    }

    @Test func `a list is narrowed by its options`() async throws {
        try await home.addAda()
        let key = try await home.issueKey()
        #expect(try await list("--kind key_issued").map(\.sequence) == [2])
        #expect(try await list("--researcher ADA --limit 1").map(\.sequence) == [2])
        #expect(try await list("--key \(key.prefix(5))").map(\.sequence) == [2])
        #expect(try await list("--actions").count == 2)
        #expect(try await list("--actor nobody-at-all").isEmpty)
        #expect(try await list("--until 2020-01-01").isEmpty)
        #expect(try await list("--since 2020-01-01").count == 2)
    }

    @Test(arguments: [
        ("list --limit 0", "--limit is 1 to"), ("list --kind vends", "there is no kind"),
        ("list --since 2026-02-30", "neither a day nor a time"), ("list --researcher a", "there is no researcher"),
        ("list --since 2026-11-02 --until 2026-11-01", "is not before"), ("list --key a%b", "--key takes"),
    ])
    func `options that can't be are refused`(_ line: String, _ words: String) async throws {
        try await home.addAda()
        let outcome = try await home.admin("audit " + line)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `an intact chain is verified, and held to the server's log`() async throws {
        try await home.addAda()
        let (before, outcome) = try await verify()
        #expect(outcome.isSuccess && before.intact && before.anchors == nil)
        _ = try await home.issueKey()
        let log = try home.write("noise\n" + logged(before), to: "server.log")
        let (after, anchored) = try await verify("--anchor \(log)")
        #expect(anchored.isSuccess && after.anchors?.matched == 1)
        #expect(try await verify("--anchor -", input: logged(after)).0.anchors?.matched == 1)
        #expect(try await verify("--anchor \(log) --anchor -", input: logged(after)).0.anchors?.matched == 2)
    }

    @Test func `an edited record is named, with exit 1`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        try await home.tamper("DROP TRIGGER records_stay; UPDATE records SET actor = 'eve@desk' WHERE sequence = 1")
        let (verdict, outcome) = try await verify()
        #expect(outcome.exitCode == 1)
        #expect((verdict.firstBad, verdict.fault) == (1, "altered"))
        #expect(outcome.errors.contains("record 1 doesn't fit its hash"))
    }

    @Test func `records that were cut off at the end are missed by their head in the log`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let log = try home.write(logged(try await verify().0), to: "server.log")
        try await home.tamper("DROP TRIGGER records_remain; DELETE FROM records WHERE sequence = 2")
        #expect(try await verify().1.isSuccess)
        let (verdict, outcome) = try await verify("--anchor \(log)")
        #expect(outcome.exitCode == 1 && !verdict.intact)
        #expect(outcome.errors.contains("records were cut off at the end"))
    }

    @Test func `a log without a head, or that can't be read, is no proof`() async throws {
        try await home.addAda()
        let log = try home.write("nothing of it\n", to: "server.log")
        #expect(try await home.admin("audit verify --anchor \(log)").exitCode == 1)
        let missing = try await home.admin("audit verify --anchor \(home.folder)/none")
        #expect(missing.exitCode == 1 && missing.errors.contains("none can't be read"))
    }

    // MARK: CloudTrail

    private let role = ["BURSAR_ROLE_ARN": CloudTrailEvent.role]

    /// Two vends on record: what AWS calls ASIAEXAMPLE0000000001, and ASIAGHOST0, both at 12:00:01.
    private func vended() async throws {
        try await home.addAda()
        let date = 1_795_262_401_000
        for (number, key) in ["ASIAEXAMPLE0000000001", "ASIAGHOST0"].enumerated() {
            try await home.tamper(
                """
                INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, access_key_id, hash)
                VALUES (\(number + 2), 'vend', \(date), 'ada', '7c3kq9x2mzpa', '\(key)', zeroblob(32))
                """
            )
        }
    }

    @Test(arguments: ["file", "folder", "stdin", "lookup"])
    func `CloudTrail's events are held against the vends, in each of their forms`(_ form: String) async throws {
        try await vended()
        let other = CloudTrailEvent(accessKeyID: "ASIAOTHER", session: "eve")
        let elsewhere = CloudTrailEvent(accessKeyID: "ASIAELSEWHERE", role: "arn:aws:iam::123456789012:role/other")
        let events = [CloudTrailEvent(), other, elsewhere]
        let text = form == "lookup" ? CloudTrailEvent.lookup(events) : CloudTrailEvent.file(events)
        let path = try home.write(text, to: "trail/eu/one.json")
        let argument = ["file": path, "lookup": path, "folder": home.folder + "/trail", "stdin": "-"][form] ?? ""
        let options = "--since 2026-11-21T11:00:00Z --until 2026-11-21T13:00:00Z --format csv"
        let outcome = try await home.admin("audit reconcile \(argument) \(options)", settings: role, input: text)
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != "\n" } }
        #expect(lines.count == 2)
        #expect(outcome.output.contains("unrecorded,2026-11-21T12:00:00Z,ASIAOTHER,eve,"))
        #expect(outcome.output.contains("unissued,2026-11-21T12:00:01Z,ASIAGHOST0,-,ada,7c3kq9x2mzpa,"))
        #expect(!outcome.output.contains("ASIAELSEWHERE"))
    }

    @Test func `when both sides agree, nothing is listed`() async throws {
        try await vended()
        let ghost = CloudTrailEvent(accessKeyID: "ASIAGHOST0")
        let path = try home.write(CloudTrailEvent.file([CloudTrailEvent(), ghost]), to: "one.json")
        let outcome = try await home.admin("audit reconcile \(path)", settings: role)
        #expect(outcome.isSuccess, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("2 sessions on both sides, 2 vends"))
    }

    @Test func `a session that was never vended fails`() async throws {
        try await vended()
        let events = ["ASIAEXAMPLE0000000001", "ASIAGHOST0", "ASIAUNUSED"].map { CloudTrailEvent(accessKeyID: $0) }
        let path = try home.write(CloudTrailEvent.file(events), to: "one.json")
        let outcome = try await home.admin("audit reconcile \(path)", settings: role)
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("unexplained"))
    }

    @Test(arguments: [
        ("refusal", "'quota_exhausted'", true), ("refusal", "'address_refused'", false), ("key_revoked", "NULL", true),
        ("key_issued", "NULL", false),
    ])
    func `what is on record at the time explains it, where it may come after AWS's answer`(
        _ kind: String,
        _ reason: String,
        _ explains: Bool
    ) async throws {
        try await vended()
        try await home.tamper(
            """
            INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, reason, hash)
            VALUES (4, '\(kind)', 1795262402000, 'ada', '7c3kq9x2mzpa', \(reason), zeroblob(32))
            """
        )
        let events = ["ASIAEXAMPLE0000000001", "ASIAGHOST0", "ASIAUNUSED"].map { CloudTrailEvent(accessKeyID: $0) }
        let path = try home.write(CloudTrailEvent.file(events), to: "one.json")
        let outcome = try await home.admin("audit reconcile \(path)", settings: role)
        #expect(outcome.isSuccess == explains, "\(outcome.errors)")
        #expect(outcome.output.contains(explains ? "unvended" : "unexplained"))
        #expect(try await home.admin("audit reconcile --strict \(path)", settings: role).exitCode == 1)
    }

    @Test(arguments: [
        ("{\"Records\":[", "is not JSON"), ("{}", "neither Records nor Events"), ("\u{1F}\u{8B}", "is not JSON"),
        ("{\"Records\":[{\"AssumeRole\":1}]}", "without its time or source"),
        ("{\"Records\":[]}", "no AssumeRole event"),
        ("{\"Records\":[{\"eventName\":\"AssumeRole\",\"eventSource\":5}]}", "not CloudTrail's"),
    ])
    func `a malformed file is refused by its name`(_ text: String, _ words: String) async throws {
        try await home.addAda()
        let path = try home.write(text, to: "trail.json")
        let outcome = try await home.admin("audit reconcile \(path)", settings: role)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.contains("trail.json") || words == "no AssumeRole event")
    }

    @Test func `a packed file is refused, with what unpacks it`() async throws {
        try await home.addAda()
        let path = home.folder + "/trail.json.gz"
        try Data([0x1F, 0x8B, 8, 0]).write(to: URL(filePath: path))
        for argument in [path, home.folder] {
            let outcome = try await home.admin("audit reconcile \(argument)", settings: role)
            #expect(outcome.exitCode == 1 && outcome.errors.contains("gunzip -c"), "\(outcome.errors)")
        }
    }
}
