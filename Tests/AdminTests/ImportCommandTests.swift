import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// `admin keys import`, as it is run.
@Suite struct ImportCommandTests {
    private static let titles = "handle,name,email,project"
    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private func count(_ table: String) async throws -> String {
        try await home.sql("SELECT count(*) FROM \(table)")
    }

    @Test func `everybody is added with a key each, which stands in a private file`() async throws {
        try await home.addAda()
        let file = try home.write(
            "\u{FEFF}Handle,NAME,email,project,Daily Limit,ip,until\r\n"
                + "bob,\"=Bob \"\"B\"\", Jr\",bob@x,looms,5,\"192.0.2.0/24,2001:db8::/32\",2099-06-30\r\n\r\n"
                + "caecilie,Cäcilie 日本,c@x,looms,,,\r\n",
            to: "in.csv"
        )
        let outcome = try await home.admin("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("added 2 researchers"))
        #expect(try home.mode("keys.csv") == 0o600)
        let lines = try #require(home.text("keys.csv")).split(separator: "\n")
        #expect(lines[0] == "handle,name,email,key id,expires,key")
        #expect(lines[1].hasPrefix("bob,\"'=Bob \"\"B\"\", Jr\",bob@x,"))
        for line in lines.dropFirst() {
            let key = try ResearcherKey(parsing: String(try #require(line.split(separator: ",").last)))
            #expect(try await home.output("keys list --format csv").contains(key.id.description))
            #expect(!outcome.errors.contains(key.text.reveal()))
        }
        #expect(try await home.output("researchers show bob").contains("=Bob \"B\", Jr"))
        #expect(try await home.output("researchers show bob").contains("until        2099-06-30"))
        #expect(try await count("records WHERE kind = 'key_issued'") == "2\n")
    }

    @Test func `a dry run says what would be done, and does nothing`() async throws {
        try await home.addAda()
        let file = try home.write(Self.titles + "\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let told = try await home.refusal("keys import \(file) --dry-run", code: 0)
        #expect(told.contains("1 researcher with a key each would be added"))
    }

    @Test(arguments: [
        ("bob,Bob,bob,looms", "line 2, column email \"bob\" is not an e-mail address"),
        ("b b,Bob,bob@x,looms", "line 2, column handle \"b b\" can't be a handle"),
        ("bob,,bob@x,looms", "line 2, column name is empty"),
        ("bob,Bob,bob@x,looms\nbob,Bob,bob@x,looms", "line 3, column handle bob stands in line 2 already"),
        ("bob,Bob,bob@x,looms\n\nBOB,B,b@x,looms", "line 4, column handle BOB stands in line 2 already"),
        ("ADA,Ada,a@x,looms", "line 2, column handle: there is a researcher \"ADA\" already"),
        ("bob,Bob,bob@x", "line 2: 3 fields where the first line has 4"),
        ("bob,\"Bob,bob@x,looms", "line 2: a quote that is never closed"), ("", "names no researcher"),
    ])
    func `one wrong line keeps all from being added, and is named`(lines: String, problem: String) async throws {
        try await home.addAda()
        let file = try home.write(Self.titles + "\n" + lines, to: "in.csv")
        let errors = try await home.refusal("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(errors.contains(problem))
        #expect(home.text("keys.csv") == nil)
    }

    @Test(arguments: [
        ("handle,name,email,project,colour", "there is no column \"colour\""),
        ("handle,name,emial,project", "did you mean email?"), ("handle,name,email", "there is no column project"),
        ("handle,handle,name,email,project", "handle stands there twice"),
        ("handle;name,email;project", "more than one of comma, semicolon and tab"),
        ("handle,name,,email,project", "column 3: no title"), ("sep=|", "none of , ; and tab"),
    ])
    func `unknown titles are refused`(titles: String, problem: String) async throws {
        try await home.addAda()
        let file = try home.write(titles + "\n", to: "in.csv")
        #expect(try await home.refusal("keys import --dry-run", file).contains(problem))
    }

    @Test(arguments: ["email", "e-mail", "E-Mail", "mail", "Mail", "Email Address", "e-mail_address", "EMAIL"])
    func `a title is taken as spreadsheets spell it`(title: String) async throws {
        try await home.addAda()
        let file = try home.write("Handle,NAME,\(title),Project\nbob,Bob,bob@example.edu,looms\n", to: "in.csv")
        try await home.output("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(try await home.sql("SELECT email FROM researchers WHERE handle = 'bob'") == "bob@example.edu\n")
    }

    @Test(arguments: [
        ("Bob,mailto:bob@example.edu?subject=x", "Bob|bob@example.edu"),
        ("Bob,MAILTO:bob%40example.edu?subject=x&body=y", "Bob|bob@example.edu"),
        ("Bob,%20bob@example.edu%20", "Bob|bob@example.edu"),
        ("Bob,mailto:bob%2Blab@example.edu", "Bob|bob+lab@example.edu"),
        ("Bob,Robert <bob@example.edu>", "Bob|bob@example.edu"),
        (",Robert <bob@example.edu>", "Robert|bob@example.edu"),
        (",\"\"\"Roe, Robert\"\" <mailto:bob@example.edu>\"", "Roe, Robert|bob@example.edu"),
        ("Bob,<bob@example.edu>", "Bob|bob@example.edu"),
    ])
    func `an address is taken as links and mail programs have it`(cells: String, known: String) async throws {
        try await home.addAda()
        let file = try home.write("\(Self.titles)\nbob,\(cells),looms\n", to: "in.csv")
        try await home.output("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(try await home.sql("SELECT name, email FROM researchers WHERE handle = 'bob'") == known + "\n")
    }

    @Test(arguments: [
        "Bob <bob>", "Bob <bob@example.edu", "bob@example.edu>", "a%20b@example.edu", "mailto:?subject=x",
        "mailto:bob%0A@example.edu", "Bob <bob@example.edu> x",
    ])
    func `what is no address even so is refused`(email: String) async throws {
        try await home.addAda()
        let file = try home.write("\(Self.titles)\nbob,Bob,\(email),looms\n", to: "in.csv")
        let errors = try await home.refusal("keys import --dry-run", file)
        #expect(errors.contains("line 2, column email") && errors.contains("is not an e-mail address"), "\(errors)")
    }

    @Test(arguments: [
        ("until", "2026-02-30", "column until \"2026-02-30\" is not a day that there is"),
        ("expires", "400d", "column expires is"),
        ("ip", "10.0.0.0/33", "column ip 10.0.0.0/33 ends in /33, and a block"),
        ("until", "30.6.2099", "column until \"30.6.2099\" is not written as a day is"),
        ("ip", "192.0.2.300", "column ip 192.0.2.300 has 300 in it"),
        ("session", "x", "column session x is not a length"),
        ("rate", "x", "column rate \"x\" is not"),
        ("models", "a/b", "column models a/b is not a pattern"), ("session", "13h", "column session 13h is outside"),
        ("daily-limit", "-1", "column daily-limit is 0 to"),
        ("label", "\"a\nb\"", "column label has a control character"),
    ])
    func `each column is checked`(column: String, value: String, problem: String) async throws {
        try await home.addAda()
        let file = try home.write("\(Self.titles),\(column)\nbob,Bob,bob@x,looms,\(value)\n", to: "in.csv")
        #expect(try await home.refusal("keys import --dry-run", file).contains("in.csv, line 2, " + problem))
    }

    @Test func `all faults are reported at once, up to a bound, and too many lines are refused`() async throws {
        try await home.addAda()
        let wrong = String(repeating: "b b,B,b@x,p\n", count: 30)
        let errors = try await home.refusal(
            "keys import --dry-run",
            try home.write(Self.titles + "\n" + wrong, to: "a.csv")
        )
        #expect(errors.ranges(of: "admin: error: ").count == 20)
        #expect(errors.contains("and 10 more like these") && errors.contains("nothing was imported"))
        let many = (1...2001).map { "u\($0),U,u@x,p\n" }.joined()
        let refused = try await home.refusal(
            "keys import --dry-run",
            try home.write(Self.titles + "\n" + many, to: "b.csv")
        )
        #expect(refused.contains("line 2002: more than"))
    }

    @Test func `a file for the keys that is there already is left as it is`() async throws {
        try await home.addAda()
        let file = try home.write(Self.titles + "\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let old = try home.write("precious", to: "keys.csv")
        #expect(try await home.refusal("keys import \(file) --output", old).contains("there is a file at"))
        #expect(home.text("keys.csv") == "precious")
        #expect(
            try await home.refusal("keys import \(file) --output", home.folder + "/no/keys.csv").contains(
                "no such file"
            )
        )
        #expect(try await home.refusal("keys import \(file)", code: 64).contains("--output"))
    }

    // MARK: Files as spreadsheets write them

    @Test(arguments: [
        "handle;name;email;project\nbob;Bob, Jr;bob@x;looms\n",
        "sep=;\r\nhandle;name;email;project\r\nbob;Bob, Jr;bob@x;looms",
        "handle\tname\temail\tproject\nbob\tBob, Jr\tbob@x\tlooms\n",
        "handle,name,email,project,,\nbob,\"Bob, Jr\",bob@x,looms,,\n",
        "sep=,\nhandle,name,email,project\nbob,\"Bob, Jr\",bob@x,looms",
        "\u{FEFF}handle,name,email,project\n\u{A0}bob\u{A0},\"Bob, Jr\",mailto:bob@x,looms\u{200B}\n",
        "handle,name,email,project\nbob\u{2003},\"\u{A0}Bob, Jr\u{FEFF}\",MAILTO:bob@x,\u{3000}looms\n",
    ])
    func `separators, empty columns, blanks of all kinds and links to addresses are read as they are meant`(
        _ text: String
    ) async throws {
        try await home.addAda()
        let file = try home.write(text, to: "in.csv")
        try await home.output("keys import \(file) --output", home.folder + "/keys.csv")
        let row = try await home.sql("SELECT * FROM researchers WHERE handle = 'bob'")
        #expect(row.hasPrefix("bob|Bob, Jr|bob@x|looms|"), "\(row)")
    }

    // MARK: Known people

    @Test func `known people are passed over when that is asked for`() async throws {
        try await home.addAda()
        let file = try home.write(Self.titles + "\nADA,A,a@x,p\nbob,Bob,bob@x,looms\n", to: "in.csv")
        let refused = try await home.refusal("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(refused.contains("--skip-existing passes over such lines, --add-keys gives them another key"))
        let outcome = try await home.admin("keys import \(file) --skip-existing --output", home.folder + "/keys.csv")
        #expect(outcome.errors.contains("passed over: 1 line of people who are known already"))
        #expect(outcome.errors.contains("added 1 researcher with a key each"))
        #expect(try await count("keys WHERE researcher = 'ada'") == "0\n")
        let again = try await home.admin("keys import \(file) --skip-existing --output", home.folder + "/more.csv")
        #expect(again.isSuccess && again.errors.contains("nothing is left to import"))
        #expect(home.text("more.csv") == nil)
    }

    @Test func `known people get another key when that is asked for, and the handle is enough`() async throws {
        try await home.addAda()
        let file = try home.write("handle,label,ip\nAda,cluster,192.0.2.0/24\nada,laptop,\n", to: "in.csv")
        let outcome = try await home.admin("keys import \(file) --add-keys --folder", home.folder + "/keys")
        #expect(outcome.isSuccess, "\(outcome.errors)")
        #expect(outcome.errors.contains("added 2 keys of known researchers"))
        #expect(try await home.sql("SELECT researcher, label FROM keys ORDER BY label") == "ada|cluster\nada|laptop\n")
        let names = try FileManager.default.contentsOfDirectory(atPath: home.folder + "/keys")
        #expect(names.count == 4 && names.allSatisfy { $0.hasPrefix("ada.") })
        let lines = "\nada,Ada Lovelace,ADA@example.edu,engines\nbob,B,b@x,p\n"
        let mixed = try home.write(Self.titles + lines, to: "mixed.csv")
        let both = try await home.admin("keys import \(mixed) --add-keys --folder", home.folder + "/both")
        #expect(both.errors.contains("added 1 researcher with a key each and 1 key of known researchers"))
    }

    @Test func `a project in a known researcher's line is the key's, and theirs stays`() async throws {
        try await home.addAda()
        let lines = "handle,project,label\nada,looms,one\nada,ENGINES,two\nada,,three\n"
        let file = try home.write(lines, to: "in.csv")
        try await home.output("keys import \(file) --add-keys --folder", home.folder + "/keys")
        #expect(
            try await home.sql("SELECT label, project FROM keys ORDER BY label")
                == "one|looms\nthree|engines\ntwo|engines\n"
        )
        #expect(try await home.sql("SELECT project FROM researchers") == "engines\n")
        let new = try home.write(Self.titles + "\nbob,B,b@x,looms\n", to: "new.csv")
        try await home.output("keys import \(new) --folder", home.folder + "/new")
        #expect(try await home.sql("SELECT project FROM keys WHERE researcher = 'bob'") == "looms\n")
        #expect(home.text("new/bob.txt")?.contains("Project: looms\n") == true)
    }

    @Test(arguments: [
        ("handle,email\nada,other@x", "column email \"other@x\" isn't what is known of ada: \"ada@example.edu\""),
        ("handle,name\nada,Ada Byron", "column name \"Ada Byron\" isn't what is known of ada"),
        ("handle,until\nada,2099-06-30", "column until \"2099-06-30\" isn't what is known of ada: nothing"),
        ("handle\nbob", "column name is empty"),
    ])
    func `no key goes to a researcher who may be another person`(_ text: String, _ problem: String) async throws {
        try await home.addAda()
        let file = try home.write(text + "\n", to: "in.csv")
        let errors = try await home.refusal("keys import \(file) --add-keys --output", home.folder + "/keys.csv")
        #expect(errors.contains(problem), "\(errors)")
    }

    // MARK: What is handed over

    @Test func `a folder has the key and what goes with it for each, for its owner alone`() async throws {
        try await home.addAda()
        let file = try home.write(
            Self.titles + ",until\nbob,Bob,bob@x,looms,2026-12-05\n".replacing("2026", with: "2099"),
            to: "in.csv"
        )
        let url = ["BURSAR_PUBLIC_URL": "https://bursar.example.org"]
        let folder = home.folder + "/keys"
        let outcome = try await home.admin(["keys", "import", file, "--folder", folder, "--expires", "90d"], url)
        #expect(outcome.isSuccess && outcome.output.isEmpty, "\(outcome.errors)")
        let key = try #require(home.text("keys/bob.key"))
        #expect(key.hasSuffix("\n") && !key.contains("\r"))
        let parsed = try ResearcherKey(parsing: String(key.dropLast()))
        let letter = try #require(home.text("keys/bob.txt"))
        #expect(letter.contains("creds install --url https://bursar.example.org --key-file bob.key\n"))
        #expect(letter.contains("export AWS_PROFILE=temp-bedrock\n") && letter.contains("Key: \(parsed.id)\n"))
        #expect(!letter.contains(parsed.text.reveal()) && !letter.contains("\r"))
        for name in ["keys/bob.key", "keys/bob.txt"] { #expect(try home.mode(name) == 0o600) }
        #expect(try home.mode("keys") == 0o700)
        let taken = try home.write(Self.titles + "\nbob2,B,b@x,p\n", to: "next.csv")
        _ = try home.write("precious", to: "keys/bob2.txt")
        #expect(try await home.refusal("keys import \(taken) --folder", folder).contains("there is a file at"))
        #expect(home.text("keys/bob2.key") == nil && home.text("keys/bob2.txt") == "precious")
    }

    @Test func `the announced end of a key is the end of the stay, where that is sooner`() async throws {
        try await home.addAda()
        let stay = try #require(UTCDay("2026-12-05"))
        let day = UTCDay(number: max(stay.number, UTCDay(containing: Date()).number + 5))
        let end = "\(UTCDay(number: day.number + 1))T00:00:00Z"
        let file = try home.write(Self.titles + ",until,expires\nbob,Bob,bob@x,looms,\(day),60d\n", to: "in.csv")
        let outcome = try await home.admin("keys import \(file) --output", home.folder + "/keys.csv")
        #expect(outcome.errors.contains("line 2: the stay ends with \(day), and the key with it"))
        #expect(try #require(home.text("keys.csv")).contains(",\(end),bursar_"))
        let issued = try await home.admin("keys issue bob --format json")
        #expect(issued.output.contains("\"expires\" : \"\(end)\""))
        #expect(issued.errors.contains("until \(end), with their stay; it is not shown again"))
        let id = try ResearcherKey(parsing: try await home.output("keys issue bob --quiet")).id
        #expect(try await home.admin("keys rotate \(id)").errors.contains("until \(end), with their stay"))
        #expect(try await home.admin("doctor").output.contains("(bob, \(day))"))
    }
}
