import TestSupport
import Testing

/// Values that can't be meant are refused with 64 by the parser and by the command, and missing things with 1.
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
        "selftest --url ftp://x", "whois example.org", "whois 127.0.0.1:443", "audit list --address example.org",
        "aws template --region nowhere", "aws template --region eu-central-1 --regions nowhere",
        "aws template --region eu-central-1 --models a|b", "aws template --region eu-central-1 --ip 300.1.1.1",
        "aws apply --region eu-central-1 --regions nowhere --yes", "aws plan --region eu-central-1 --regions nowhere",
        "aws status --region nowhere", "iam create pay --owner a@example.edu --region nowhere --format json",
        "iam create pay --owner a@example.edu --models a|b --format json", "iam list --region nowhere",
        "sessions denies --role-arn role", "sessions end ada --role-arn role --yes",
        "sessions denies --role-arn arn:aws:iam::123456789012:role/x --region us-isoe-1",
        "policy permissions --region us-isoe-1", "policy permissions --region us-isoe-east-1",
        "database info --config=~ada/config.yaml", "keys issue ada --rate -1", "audit list --limit -1",
    ])
    func `a value that can't be meant is misuse, and changes nothing`(line: String) async throws {
        try await home.addAda()
        let before = try await home.output("audit list --format json")
        let outcome = try await home.admin(line)
        #expect(outcome.exitCode == 64, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("admin: error: "))
        #expect(try await home.output("audit list --format json") == before)
    }

    @Test(arguments: [
        "keys show 0123456789ab", "keys issue nobody", "researchers show nobody", "usage report --researcher nobody",
        "usage report --project none",
    ])
    func `what isn't there is no misuse`(line: String) async throws {
        try await home.addAda()
        #expect(try await home.admin(line).exitCode == 1)
    }

    @Test(arguments: [
        ("selftest", ["BURSAR_HTTP_PORT": "x"], "BURSAR_HTTP_PORT"),
        ("keys list", ["BURSAR_DATABASE": "~user"], "BURSAR_DATABASE"),
        ("keys issue ada", ["BURSAR_PUBLIC_URL": "ftp://x"], "BURSAR_PUBLIC_URL"),
        ("keys issue ada", ["BURSAR_MAXIMUM_KEY_LIFE": "366"], "BURSAR_MAXIMUM_KEY_LIFE"),
        ("policy permissions", ["BURSAR_REGION": "xx-nowhere-1"], "BURSAR_REGION"),
        ("policy permissions", ["BURSAR_REGION": "us-isoe-1"], "BURSAR_REGION"),
        ("policy permissions", ["BURSAR_REGION": "us-east-1", "BURSAR_ROLE_ARN": "role"], "BURSAR_ROLE_ARN"),
        ("sessions denies", ["BURSAR_ROLE_ARN": "role"], "BURSAR_ROLE_ARN"),
        (
            "sessions denies --role-arn arn:aws:iam::123456789012:role/x", ["BURSAR_REGION": "xx-nowhere-1"],
            "BURSAR_REGION"
        ),
        ("aws template", ["AWS_REGION": "nowhere"], "AWS_REGION"),
        ("aws template", ["AWS_REGION": "", "AWS_DEFAULT_REGION": "nowhere"], "AWS_DEFAULT_REGION"),
        ("iam list", ["AWS_REGION": "us-isoe-1"], "AWS_REGION"),
    ])
    func `a setting that can't be meant is no misuse either`(
        line: String,
        settings: [String: String],
        name: String
    ) async throws {
        try await home.addAda()
        let outcome = try await home.admin(line, settings: settings)
        #expect(outcome.exitCode == 1 && outcome.errors.contains("admin: error: "), "\(outcome.errors)")
        #expect(outcome.errors.contains(name), "\(outcome.errors)")
    }

    @Test(arguments: ["-1", "1000000001"])
    func `a number out of range is answered with the range`(number: String) async throws {
        try await home.addAda()
        let outcome = try await home.admin("keys issue ada --daily-limit \(number)")
        #expect(
            outcome.exitCode == 64 && outcome.errors.contains("--daily-limit is 0 to 1000000000"),
            "\(outcome.errors)"
        )
    }
}
