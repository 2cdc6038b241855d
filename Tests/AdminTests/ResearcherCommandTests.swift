import BursarFoundation
import TestSupport
import Testing

/// `admin researchers`, as it is run.
@Suite struct ResearcherCommandTests {
    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    @Test func `what is known of a researcher is shown, changed and cleared`() async throws {
        try await home.addAda()
        try await home.output("researchers update ada --until 2099-06-30 --sponsor Babbage --note", "likes = signs")
        let shown = try await home.output("researchers show ADA")
        for line in [
            "sponsor      Babbage", "note         likes = signs", "until        2099-06-30", "state        active",
        ] {
            #expect(shown.contains(line))
        }
        try await home.output("researchers update ada --no-until --no-sponsor --no-note --project looms")
        let json = try await home.output("researchers show ada --format json")
        #expect(json.contains(#""project" : "looms""#))
        #expect(!json.contains("until") && !json.contains("sponsor") && !json.contains("note"))
        let details = try await home.sql("SELECT detail FROM records WHERE kind = 'researcher_updated' ORDER BY 1")
        #expect(details == "project; sponsor; note; no end\nsponsor; note; ends 2099-07-01T00:00:00Z\n")
    }

    @Test(arguments: [
        ("--until 2026-02-30", "--until \"2026-02-30\" is not a day that there is"),
        ("--until 2020-02-29", "--until 2020-02-29 is over already"),
        ("--until tomorrow", "is not written as a day is"), ("--email ada", "--email \"ada\" is not an e-mail address"),
        ("--name \u{7}", "--name has a control character"),
    ])
    func `a fact that can't be is refused by name, and nothing is changed`(option: String, problem: String) async throws
    {
        try await home.addAda()
        #expect(try await home.refusal("researchers update ada " + option, code: 64).contains(problem))
    }

    @Test(arguments: ["", "--note a --no-note", "--until 2099-01-01 --no-until"])
    func `nothing to change, and contradictions, are misuse`(options: String) async throws {
        try await home.addAda()
        #expect(try await home.refusal("researchers update ada " + options, code: 64).hasPrefix("admin: error: "))
    }

    @Test func `a researcher is switched off and on again, and their keys with them`() async throws {
        try await home.addAda()
        let id = try await home.issueKey()
        let unasked = try await home.refusal("researchers disable ada")
        #expect(unasked.contains("switch off ada (Ada Lovelace) with 1 key?") && unasked.contains("--yes"))
        try await home.output("researchers disable ada --yes --reason", "on leave")
        #expect(try await home.output("researchers list --state disabled --format csv").contains("\r\nada,"))
        #expect(try await home.output("keys list --state disabled --format csv").contains(id))
        #expect(try await home.output("researchers show ada").contains(", on leave"))
        #expect(try await home.admin("researchers disable ada --yes").errors.contains("was switched off already"))
        try await home.output("researchers enable ada")
        #expect(try await home.output("keys list --state active --format csv").contains(id))
        #expect(try await home.sql("SELECT count(*) FROM records WHERE detail LIKE '%leave%'") == "0\n")
    }

    @Test func `an unknown handle brings up those that may have been meant`() async throws {
        try await home.addAda()
        let errors = try await home.refusal("researchers show adda")
        #expect(errors.contains("there is no researcher \"adda\"") && errors.contains("did you mean ada?"))
        for command in [
            "researchers disable adda --yes", "researchers enable adda", "keys issue adda",
            "keys list --researcher adda",
        ] {
            #expect(try await home.refusal(command).contains("did you mean ada?"))
        }
        #expect(try await home.refusal("keys list --project engine").contains("did you mean engines?"))
    }

    @Test func `a handle is taken in any case of its letters`() async throws {
        try await home.addAda()
        let errors = try await home.refusal("researchers add ADA --email a@b --project p --name A")
        #expect(errors.contains("there is a researcher \"ADA\" already"))
    }

    @Test func `researchers of a self-test are in no list`() async throws {
        try await home.addAda()
        try await home.sql(
            "INSERT INTO researchers (handle, name, email, project, created_at, purpose) VALUES ('probe', 'P', 'p@x', 'p', 1, 'selftest')"
        )
        #expect(try await !home.output("researchers list").contains("probe"))
        #expect(try await home.refusal("researchers show probe").contains("there is no researcher"))
    }

    @Test func `lists are filtered by project and state`() async throws {
        try await home.addAda()
        try await home.add("bob", project: "looms")
        let looms = try await home.output("researchers list --project looms --format csv")
        #expect(looms.contains("\r\nbob,") && !looms.contains("ada"))
        #expect(try await home.admin("researchers list --state ended").errors.contains("no researcher is like that"))
    }
}
