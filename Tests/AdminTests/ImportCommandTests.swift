import BursarCore
import FoundationEssentials
import TestSupport
import Testing

/// `admin keys import`, as it is run.
@Suite struct ImportCommandTests {
    private static let titles = "handle,name,email,project"
    private let world: KeysWorld

    init() throws {
        world = try KeysWorld()
    }

    private func count(_ table: String) async throws -> String {
        try await world.sql("SELECT count(*) FROM \(table)")
    }

    @Test func `everybody is added with a key each, which stands in a private file`() async throws {
        try await world.begin()
        let file = try world.write(
            "\u{FEFF}Handle,NAME,email,project,Daily Limit,ip,until\r\n"
                + "bob,\"=Bob \"\"B\"\", Jr\",bob@x,looms,5,\"192.0.2.0/24,2001:db8::/32\",2099-06-30\r\n\r\n"
                + "caecilie,Cäcilie 日本,c@x,looms,,,\r\n",
            to: "in.csv"
        )
        let outcome = try await world.admin("keys import \(file) --output", world.home + "/keys.csv")
        #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("added 2 researchers"))
        #expect(try world.mode("keys.csv") == 0o600)
        let lines = try #require(world.text("keys.csv")).split(separator: "\r\n")
        #expect(lines[0] == "handle,name,email,key id,expires,key")
        #expect(lines[1].hasPrefix("bob,\"'=Bob \"\"B\"\", Jr\",bob@x,"))
        for line in lines.dropFirst() {
            let key = try ResearcherKey(parsing: String(try #require(line.split(separator: ",").last)))
            #expect(try await world.output("keys list --format csv").contains(key.id.description))
            #expect(!outcome.errors.contains(key.text.reveal()))
        }
        #expect(try await world.output("researchers show bob").contains("=Bob \"B\", Jr"))
        #expect(try await world.output("researchers show bob").contains("until        2099-06-30"))
        #expect(try await count("records WHERE kind = 'key_issued'") == "2\n")
    }

    @Test func `a dry run says what would be done, and does nothing`() async throws {
        try await world.begin()
        let file = try world.write(Self.titles + "\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let told = try await world.refusal("keys import \(file) --dry-run", code: 0)
        #expect(told.contains("1 researcher would be added"))
    }

    @Test(arguments: [
        ("bob,Bob,bob,looms", "line 2, column email \"bob\" is not an e-mail address"),
        ("b b,Bob,bob@x,looms", "line 2, column handle \"b b\" can't be a handle"),
        ("bob,,bob@x,looms", "line 2, column name is empty"),
        ("bob,Bob,bob@x,looms\nbob,Bob,bob@x,looms", "line 3, column handle bob stands in line 2 already"),
        ("bob,Bob,bob@x,looms\n\nBOB,B,b@x,looms", "line 4, column handle BOB stands in line 2 already"),
        ("ADA,Ada,a@x,looms", "line 2, column handle: there is a researcher \"ADA\" already"),
        ("bob,Bob,bob@x", "line 2: 3 fields where the first line has 4"),
        ("bob,\"Bob,bob@x,looms", "line 2: a quote that is never closed"), ("", "names nobody"),
    ])
    func `one wrong line keeps all from being added, and is named`(lines: String, problem: String) async throws {
        try await world.begin()
        let file = try world.write(Self.titles + "\n" + lines, to: "in.csv")
        let errors = try await world.refusal("keys import \(file) --output", world.home + "/keys.csv")
        #expect(errors.contains(problem))
        #expect(world.text("keys.csv") == nil)
    }

    @Test(arguments: [
        ("handle,name,email,project,colour", "there is no column \"colour\""),
        ("handle,name,mail,project", "did you mean email?"), ("handle,name,email", "there is no column project"),
        ("handle,handle,name,email,project", "handle stands there twice"),
        ("handle;name;email;project", "write commas between the columns"),
    ])
    func `titles that aren't ours are refused`(titles: String, problem: String) async throws {
        try await world.begin()
        let file = try world.write(titles + "\n", to: "in.csv")
        #expect(try await world.refusal("keys import --dry-run", file).contains(problem))
    }

    @Test(arguments: [
        ("until", "2026-02-30", "column until \"2026-02-30\" is not a day"), ("expires", "400d", "column expires is"),
        ("ip", "10.0.0.0/33", "column ip 10.0.0.0/33 is not an address block"),
        ("rate", "x", "column rate \"x\" is not"),
        ("models", "a/b", "column models a/b is not a pattern"), ("session", "13h", "column session 13h is outside"),
        ("daily-limit", "-1", "column daily-limit is 0 to"),
        ("label", "\"a\nb\"", "column label has a control character"),
    ])
    func `each column is checked`(column: String, value: String, problem: String) async throws {
        try await world.begin()
        let file = try world.write("\(Self.titles),\(column)\nbob,Bob,bob@x,looms,\(value)\n", to: "in.csv")
        #expect(try await world.refusal("keys import --dry-run", file).contains("in.csv, line 2, " + problem))
    }

    @Test func `all that is wrong is told at once, up to a bound, and too many lines are refused`() async throws {
        try await world.begin()
        let wrong = String(repeating: "b b,B,b@x,p\n", count: 30)
        let errors = try await world.refusal(
            "keys import --dry-run",
            try world.write(Self.titles + "\n" + wrong, to: "a.csv")
        )
        #expect(errors.ranges(of: "admin: error: ").count == 20)
        #expect(errors.contains("and 10 more like these") && errors.contains("nothing was imported"))
        let many = (1...2001).map { "u\($0),U,u@x,p\n" }.joined()
        let refused = try await world.refusal(
            "keys import --dry-run",
            try world.write(Self.titles + "\n" + many, to: "b.csv")
        )
        #expect(refused.contains("line 2002: more than"))
    }

    @Test func `a file for the keys that is there already is left as it is`() async throws {
        try await world.begin()
        let file = try world.write(Self.titles + "\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let old = try world.write("precious", to: "keys.csv")
        #expect(try await world.refusal("keys import \(file) --output", old).contains("there is a file at"))
        #expect(world.text("keys.csv") == "precious")
        #expect(
            try await world.refusal("keys import \(file) --output", world.home + "/no/keys.csv").contains(
                "no such file"
            )
        )
        #expect(try await world.refusal("keys import \(file)", code: 64).contains("--output"))
    }
}
