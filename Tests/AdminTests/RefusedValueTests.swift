import TestSupport
import Testing

/// Values that can't be meant are refused with 64 whoever finds out, the parser or the command; what isn't there, with 1.
@Suite struct RefusedValueTests {
    let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    @Test(arguments: [
        "usage report --last soon", "usage report --month 2026-13", "usage report --since yesterday",
        "usage report --since 2026-11-30 --until 2026-11-01", "usage report --last 7 --month 2026-11",
        "usage report --outcome good", "usage report --format xml", "usage export --kind none",
        "audit list --since tomorrow", "audit list --limit 0", "audit list --kind none", "audit list --key é",
        "keys show abc", "keys show 0123456789abcdef", "keys issue ada --expires soon", "keys issue ada --expires 90",
        "keys issue ada --expires 2020-01-01", "keys issue ada --models a|b", "keys issue ada --ip 300.1.1.1",
        "keys issue ada --rate 0", "keys issue ada --session 13h", "keys issue ada --daily-limit -1",
        "keys list --unused-for soon", "researchers add x --name X --email x@example.edu --project p",
        "researchers add bob --name Bob --email bob --project p", "researchers update ada --until 2026-02-30",
        "policy permissions --tier region --region nowhere!",
        "policy permissions --partition aws-moon --region us-east-1",
        "policy trust --server-role-arn role", "policy session --models a|b", "whatif ada --ip 1.2.3",
        "selftest --url ftp://x",
    ])
    func `a value that can't be meant is misuse, and changes nothing`(line: String) async throws {
        try await home.addAda()
        let before = try await home.prints("audit list --format json")
        let outcome = try await home.admin(line)
        #expect(outcome.exitCode == 64, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("admin: error: "))
        #expect(try await home.prints("audit list --format json") == before)
    }

    @Test(arguments: [
        "keys show 0123456789ab", "keys issue nobody", "researchers show nobody", "usage report --researcher nobody",
        "usage report --project none",
    ])
    func `what isn't there is no misuse`(line: String) async throws {
        try await home.addAda()
        #expect(try await home.admin(line).exitCode == 1)
    }

    @Test func `a setting that can't be meant is no misuse either`() async throws {
        try await home.addAda()
        let outcome = try await home.admin("selftest", settings: ["BURSAR_HTTP_PORT": "x"])
        #expect(outcome.exitCode == 1)
    }
}
