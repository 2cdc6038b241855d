import AWSTestSupport
import BursarFoundation
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
        let document: Document<Record> = try decoded(try await home.output("audit list --format json " + options))
        return document.rows
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
        _ = try await home.output("keys revoke \(key) --yes --reason", "stolen by Mallory")
        _ = try await home.output("vending pause --yes")
        _ = try await home.output("vending resume")
        let records = try await list()
        #expect(
            records.map(\.kind) == [
                "vending_resumed", "vending_paused", "key_revoked", "key_issued", "researcher_added",
            ]
        )
        #expect(records.allSatisfy { $0.actor?.contains("@") == true })
        #expect(records[2].key == key)
        let text = try await home.output("audit list --format json")
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
        #expect(outcome.exitCode == (line.contains("--researcher") ? 1 : 64))
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
        #expect(outcome.output.contains("unissued,2026-11-21T12:00:01Z,ASIAGHOST0,,ada,7c3kq9x2mzpa,"))
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

    /// Packs a file of the home, as CloudTrail does.
    private func pack(_ path: String) async throws {
        let outcome = try await Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"]).run(["gzip", path])
        try #require(outcome.isSuccess, "\(outcome.errors)")
    }

    /// A bucket as `aws s3 sync` leaves it, with all that isn't events.
    private func syncBucket(_ events: [CloudTrailEvent]) async throws -> String {
        let day = "ct/CloudTrail/us-east-1/2026/11/21/"
        for (index, event) in events.enumerated() {
            try await pack(try home.write(CloudTrailEvent.file([event]), to: day + "\(index).json"))
        }
        let digest =
            #"{"awsAccountId":"123456789012","digestStartTime":"2026-11-21T11:00:00Z","logFiles":[{"s3Bucket":"t"}]}"#
        try await pack(try home.write(digest, to: "ct/CloudTrail-Digest/us-east-1/2026/11/21/a.json"))
        try await pack(try home.write(digest, to: "ct/CloudTrail-Digest/us-east-1/2026/11/21/b.json"))
        let insight =
            #"{"eventVersion":"1.08","eventCategory":"Insight","eventType":"AwsCloudTrailInsight","#
            + #""insightDetails":{"state":"Start","eventSource":"sts.amazonaws.com","eventName":"AssumeRole"}}"#
        try await pack(try home.write(#"{"Records":[\#(insight)]}"#, to: "ct/CloudTrail-Insight/us-east-1/c.json"))
        _ = try home.write("", to: day + "empty.json")
        _ = try home.write("", to: "ct/placeholder.json.gz")
        _ = try home.write("\u{0}\u{5}\u{16}\u{7}Mac OS X", to: day + "._0.json")
        _ = try home.write("{\"Version\":1}", to: "ct/manifest.json")
        _ = try home.write("not for this", to: "ct/README.txt")
        return home.folder + "/ct"
    }

    @Test func `a synced bucket is read as it is, and what isn't events is passed over and counted`() async throws {
        try await vended()
        let folder = try await syncBucket([CloudTrailEvent(), CloudTrailEvent(accessKeyID: "ASIAGHOST0")])
        let outcome = try await home.admin("audit reconcile \(folder)", settings: role)
        #expect(outcome.isSuccess && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("passed over: 2 digests, 1 insight, 2 empty files, 2 other documents"))
        #expect(outcome.errors.contains("2 sessions on both sides, 2 vends"))
    }

    @Test func `packed files are read one after another, from files and from standard input`() async throws {
        try await vended()
        let files = ["ASIAEXAMPLE0000000001", "ASIAGHOST0"].map {
            CloudTrailEvent.file([CloudTrailEvent(accessKeyID: $0)])
        }
        var packed: [String] = []
        for (index, text) in files.enumerated() {
            let path = try home.write(text, to: "\(index).json")
            try await pack(path)
            packed.append(path + ".gz")
        }
        let joined = home.folder + "/joined.json.gz"
        let bytes = try packed.map { try Data(contentsOf: URL(filePath: $0)) }.reduce(Data(), +)
        try bytes.write(to: URL(filePath: joined))
        for arguments in [packed.joined(separator: " "), joined] {
            let outcome = try await home.admin("audit reconcile \(arguments)", settings: role)
            #expect(outcome.isSuccess && outcome.errors.contains("2 sessions on both sides"), "\(outcome.errors)")
        }
        let script = "cat \(joined) | \(Checkout.program("admin")) audit reconcile -"
        let piped = try await Program(
            "/bin/sh",
            environment: ["PATH": "/usr/bin:/bin", "HOME": home.folder, "BURSAR_DATABASE": home.database]
                .merging(role) { $1 }
        ).run(["-c", script])
        #expect(piped.isSuccess && piped.errors.contains("2 sessions on both sides"), "\(piped.errors)")
    }

    @Test(arguments: [0, 1, 2, 10, 40])
    func `a packed file that is cut off or damaged is refused, since leaving it out would mislead`(kept: Int)
        async throws
    {
        try await vended()
        let path = try home.write(CloudTrailEvent.file([CloudTrailEvent()]), to: "trail/one.json")
        try await pack(path)
        var bytes = try Data(contentsOf: URL(filePath: path + ".gz"))
        if kept > 0 { bytes = bytes.prefix(kept) } else { bytes[bytes.count / 2] ^= 0xFF }
        try bytes.write(to: URL(filePath: path + ".gz"))
        let outcome = try await home.admin("audit reconcile \(home.folder)/trail", settings: role)
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("one.json.gz") && outcome.errors.contains("cut off"), "\(outcome.errors)")
    }

    @Test func `a folder without CloudTrail's files says what it looks for`() async throws {
        try await home.addAda()
        _ = try home.write("x", to: "trail/README.txt")
        let outcome = try await home.admin("audit reconcile \(home.folder)/trail", settings: role)
        #expect(outcome.exitCode == 1 && outcome.errors.contains("no .json or .json.gz file"), "\(outcome.errors)")
    }

    // MARK: addresses

    /// Vends and a refusal from four addresses, two keys.
    private func asked() async throws {
        try await home.addAda()
        let rows: [(kind: String, key: String, address: String, time: Int)] = [
            ("vend", "7c3kq9x2mzpa", "192.0.2.7", 0), ("vend", "7c3kq9x2mzpa", "192.0.2.7", 60_000),
            ("refusal", "9p2fq9x2mzpa", "192.0.2.7", 90_000), ("vend", "9p2fq9x2mzpa", "192.0.2.77", 120_000),
            ("vend", "9p2fq9x2mzpa", "198.51.100.7", 180_000), ("vend", "7c3kq9x2mzpa", "2001:db8::7", 240_000),
        ]
        for (index, row) in rows.enumerated() {
            try await home.tamper(
                """
                INSERT INTO records (sequence, kind, occurred_at, researcher, key_id, address, hash)
                VALUES (\(index + 2), '\(row.kind)', \(1_795_262_400_000 + row.time), 'ada', '\(row.key)', \
                '\(row.address)', zeroblob(32))
                """
            )
        }
    }

    @Test(arguments: [
        ("192.0.2.7", 3), ("192.0.2.0/24", 4), ("192.0.2.64/26", 1), ("0.0.0.0/0", 5), ("2001:db8::/32", 1),
        ("2001:db8:0::7", 1), ("::ffff:192.0.2.7", 3), ("203.0.113.1", 0), ("192.0.2.7 --kind refusal", 1),
        ("192.0.2.0/24 --key 9p2f", 2), ("192.0.2.0/24 --until 2026-11-21T12:01:30Z", 2),
    ])
    func `records are found by the address or block that was asked from`(options: String, count: Int) async throws {
        try await asked()
        let outcome = try await home.admin("audit list --format csv --address \(options)")
        #expect(outcome.isSuccess, "\(outcome.errors)")
        #expect(max(0, outcome.output.split(separator: "\r\n").count - 1) == count, "\(outcome.output)")
    }

    private struct Document<Row: Decodable>: Decodable {
        let address: String?
        let since: String?
        let until: String?
        let limit: Int?
        let rows: [Row]
        let totals: [String: Int]
    }

    @Test func `a list of records says its range, its limit and how many there are`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let words = "audit list --since 2026-01-01 --until 2099-12-31 --limit 1 --format json"
        let document: Document<Record> = try decoded(try await home.output(words))
        #expect(document.since == "2026-01-01T00:00:00Z" && document.until == "2100-01-01T00:00:00Z")
        #expect(document.limit == 1 && document.rows.count == 1 && document.totals == ["records": 1])
        let none: Document<Record> = try decoded(try await home.output("audit list --kind vend --format json"))
        #expect(none.since == nil && none.rows.isEmpty && none.totals == ["records": 0])
    }

    @Test func `an address as URLs have it is taken, and one with a port says so`() async throws {
        try await home.addAda()
        for line in ["whois [::1]", "audit list --address [2001:db8::]/32"] {
            #expect(try await home.admin(line).isSuccess, "\(line)")
        }
        for (typed, meant) in [("127.0.0.1:443", "127.0.0.1"), ("[2001:db8::7]:443", "2001:db8::7")] {
            for line in ["whois \(typed)", "audit list --address \(typed)"] {
                let refused = try await home.admin(line)
                #expect(refused.exitCode == 64 && refused.errors.contains("leave the port out: \(meant)"), "\(line)")
            }
        }
    }

    private struct Use: Decodable, Equatable {
        let researcher: String
        let key: String
        let vends: Int
        let refusals: Int
        let first: String
        let last: String
    }

    @Test func `whois tells whose a session in AWS is, by its name or its ARN`() async throws {
        try await home.addAda()
        let (one, other) = (try await home.issueKey("--label laptop"), try await home.issueKey("--project looms"))
        for name in ["ada+\(one)", "arn:aws:sts::123456789012:assumed-role/bedrock/ada+\(one)"] {
            let text = try await home.output("whois \(name) --format csv")
            #expect(text.contains("ada,\(one),laptop,engines,0,,") && !text.contains(other), "\(text)")
        }
        let all = try await home.output("whois ADA --format json")
        #expect(all.contains(one) && all.contains(other) && all.contains("\"session\" : \"ADA\""))
        #expect(try await home.refusal("whois ada+\(one) --since 2026-11-01", code: 64).contains("go with an address"))
        for stranger in ["ada+000000000000", "bob+\(one)", "arn:aws:sts::123456789012:assumed-role/bedrock/eve"] {
            #expect(try await home.refusal("whois \(stranger)", code: 64).contains("neither an address nor"))
        }
    }

    @Test func `whois tells keys and researchers of an address, with the first and the last time`() async throws {
        try await asked()
        let uses: [Use] = try decoded(
            try await home.output("whois 192.0.2.7 --format json"),
            as: Document<Use>.self
        ).rows
        let (noon, minute) = ("2026-11-21T12:00:00Z", "2026-11-21T12:01:00Z")
        let later = "2026-11-21T12:01:30Z"
        #expect(
            uses == [
                Use(researcher: "ada", key: "9p2fq9x2mzpa", vends: 0, refusals: 1, first: later, last: later),
                Use(researcher: "ada", key: "7c3kq9x2mzpa", vends: 2, refusals: 0, first: noon, last: minute),
            ]
        )
        let words = "whois 192.0.2.0/24 --since 2026-11-01 --format json"
        let document: Document<Use> = try decoded(try await home.output(words))
        #expect(document.address == "192.0.2.0/24" && document.since == "2026-11-01T00:00:00Z" && document.until == nil)
        #expect(document.totals == ["vends": 3, "refusals": 1])
        let block = document.rows
        #expect(block.map(\.vends) == [1, 2] && block.map(\.refusals) == [1, 0])
        #expect(try await home.admin("whois 203.0.113.9").errors.contains("no request came from there"))
        for wrong in ["example.org", "192.0.2.300", "192.0.2.0/33", "192.0.2"] {
            let refused = try await home.admin("whois \(wrong)")
            #expect(refused.exitCode == 64 && refused.errors.contains("neither an address nor a block"), "\(wrong)")
            #expect(try await home.admin("audit list --address \(wrong)").errors.contains("--address"))
        }
    }

    // MARK: a beginning that was removed

    @Test func `a beginning that an intruder removed is a fault, and one that was pruned is none`() async throws {
        try await home.addAda()
        for _ in 0..<4 { _ = try await home.issueKey() }
        let removal = """
            DROP TRIGGER records_stay; DROP TRIGGER records_remain;
            UPDATE pruned SET sequence = 2, hash = (SELECT hash FROM records WHERE sequence = 2);
            DELETE FROM records WHERE sequence <= 2;
            """
        try await home.tamper(removal)
        let verified = try await home.admin("audit verify")
        #expect(verified.exitCode == 1, "\(verified.output)")
        #expect(
            verified.errors.contains("records up to 2 are gone, and no records_pruned action"),
            "\(verified.errors)"
        )
        #expect(verified.output.contains("records  3 fit"), "\(verified.output)")
        let json = try await home.admin("audit verify --format json")
        #expect(json.output.contains("\"fault\" : \"removed\"") && json.output.contains("\"intact\" : false"))
        let checked = try await home.admin("database check")
        #expect(checked.exitCode == 1, "\(checked.output)\(checked.errors)")
    }
}
