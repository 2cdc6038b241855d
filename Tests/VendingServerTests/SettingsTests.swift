import AWSAuth
import BursarConsole
import BursarModel
import ServerSettings
import SystemPackage
import Testing
import Vending

@testable import vending_server

@Suite struct SettingsTests {
    private static let least = [
        "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1", "HOME": "/home/ada",
    ]

    private func settings(_ changes: [String: String?]) throws -> Settings {
        var environment = Self.least
        for (name, value) in changes { environment[name] = value }
        return try Settings(environment: environment)
    }

    private func problem(_ changes: [String: String?]) -> String? {
        do {
            _ = try settings(changes)
            return nil
        } catch {
            return (error as? UserFacingError)?.problem
        }
    }

    @Test func `what isn't set has the documented default`() throws {
        let settings = try settings([:])
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8080)
        #expect(settings.terms.sessionDuration == .oneHour)
        #expect(settings.database.name == "/home/ada/.local/state/bursar/bursar.sqlite")
        let role = Settings.STSRole(
            arn: "arn:aws:iam::123456789012:role/bedrock",
            region: "us-east-1",
            partition: .aws,
            externalID: nil
        )
        #expect(settings.issuer == .sts(role))
    }

    @Test(arguments: [("handle+key", SessionName.Form.handleAndKey), ("handle", .handle)])
    func `sessions are named for the handle and the key, or for the handle alone`(
        _ text: String,
        _ form: SessionName.Form
    ) throws {
        guard case .sts(let role) = try settings(["BURSAR_SESSION_NAME": text]).issuer else {
            Issue.record("not STS")
            return
        }
        #expect(role.sessionName == form)
        let words = "BURSAR_SESSION_NAME is \"key\", which is not handle+key or handle"
        #expect(problem(["BURSAR_SESSION_NAME": "key"]) == words)
    }

    @Test(arguments: [
        (
            ["BURSAR_DATABASE_CONNECTIONS": "0"],
            "BURSAR_DATABASE_CONNECTIONS is \"0\", which is not a number of connections, 1 to 64"
        ),
        (["BURSAR_DATABASE_CONNECTIONS": "many"], "not a number of connections"),
        (["BURSAR_DATABASE_AUTH": "ldap"], "BURSAR_DATABASE_AUTH is \"ldap\", which is not iam, or unset"),
        (
            ["BURSAR_DATABASE_AUTH": "iam", "BURSAR_DATABASE_PASSWORD_FILE": "/secret"],
            "BURSAR_DATABASE_AUTH makes tokens, so BURSAR_DATABASE_PASSWORD_FILE has no use"
        ),
        (["BURSAR_DATABASE_PASSWORD_FILE": "$HOME/secret"], "BURSAR_DATABASE_PASSWORD_FILE is"),
    ])
    func `a fault in PostgreSQL's settings is refused for a server, and stops nothing with a file`(
        _ settings: [String: String],
        _ words: String
    ) throws {
        let server = "postgres://bursar_server@db.example.edu/bursar?sslmode=verify-full&sslrootcert=/ca.pem"
        let found = try #require(problem(settings.merging(["BURSAR_DATABASE": server]) { $1 }))
        #expect(found.contains(words), "\(found)")
        #expect(problem(settings) == nil)
    }

    @Test func `a database on a server is named by its address without parameters`() throws {
        let server = "postgresql://bursar_server@db.example.edu/bursar?sslmode=verify-full&sslrootcert=/ca.pem"
        let database = try settings(["BURSAR_DATABASE": server]).database
        #expect(database.name == "postgres://bursar_server@db.example.edu:5432/bursar")
        #expect(database.file == nil)
    }

    @Test func `the region falls back to AWS's variables`() throws {
        let settings = try settings(["BURSAR_REGION": nil, "AWS_DEFAULT_REGION": "eu-central-1"])
        guard case .sts(let role) = settings.issuer else {
            Issue.record("not STS")
            return
        }
        #expect(role.region == "eu-central-1")
    }

    @Test(
        arguments: [
            (["BURSAR_REGION": "us-iso-east-1"], "aws-iso"), (["BURSAR_REGION": "mars-east-1"], "mars-east-1"),
            (["BURSAR_REGION": nil, "AWS_REGION": "eu-isoe-west-1"], "aws-iso-e"),
            (["BURSAR_ROLE_ARN": "arn:aws-iso-b:iam::123456789012:role/bedrock"], "aws-iso-b"),
            (["BURSAR_ROLE_ARN": "arn:aws-mars:iam::123456789012:role/bedrock"], "aws-mars"),
            (["BURSAR_ROLE_ARN": "arn:aws-cn:iam::123456789012:role/bedrock"], "of aws-cn"),
            (["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:user/bedrock"], "which is not arn:aws:iam"),
            (["BURSAR_ROLE_ARN": "arn:aws:s3:::x:role/bedrock"], "which is not arn:aws:iam"),
            (["BURSAR_REGION": "eusc-de-east-1"], "of aws-eusc"),
            (["BURSAR_ROLE_PROJECTS": "a=arn:aws-us-gov:iam::123456789012:role/b"], "of aws-us-gov"),
            (["BURSAR_REGIONS": "us-east-1,us-gov-west-1"], "of aws-us-gov"),
            (["BURSAR_REGIONS": "us-isof-south-1"], "aws-iso-f"),
            (["BURSAR_REGIONS": "us-east-1,useast1"], "useast1"),
        ] as [([String: String?], String)]
    )
    func `regions and roles are of one partition that is supported, or refused by name`(
        _ changes: [String: String?],
        _ words: String
    ) throws {
        let said = try #require(problem(changes))
        #expect(said.contains(words), "\(said)")
    }

    @Test func `a server in the European cloud has that partition's role`() throws {
        let settings = try settings([
            "BURSAR_REGION": "eusc-de-east-1", "BURSAR_ROLE_ARN": "arn:aws-eusc:iam::123456789012:role/bedrock",
        ])
        guard case .sts(let role) = settings.issuer else {
            Issue.record("not STS")
            return
        }
        #expect(role.partition == .europeanSovereign && settings.terms.regions == ["eusc-de-east-1"])
    }

    @Test(arguments: [
        ("[::1]", "::1"), ("::1", "::1"), ("localhost", "localhost"), ("127.0.0.9", "127.0.0.9"),
    ])
    func `an address to listen on may stand in brackets, as in a URL`(_ text: String, _ host: String) throws {
        #expect(try settings(["BURSAR_HTTP_HOST": text]).host == host)
        #expect(try settings(["BURSAR_METRICS_HOST": text]).metrics?.host == host)
    }

    @Test(arguments: [
        ("[2001:db8::1]", "2001:db8::1/128"), ("[2001:db8::]/32, 10.0.0.0/8", "2001:db8::/32,10.0.0.0/8"),
        (#"["10.0.0.0/8"]"#, "10.0.0.0/8"),
    ])
    func `so may the addresses of a list`(_ text: String, _ list: String) throws {
        #expect(try settings(["BURSAR_ALLOW": text]).terms.allowed.description == list)
    }

    @Test(arguments: [("10.0.0.300", "has 300 in it"), ("10.0.0.0/33", "ends in /33"), ("010.0.0.1", "has 010 in it")])
    func `an address out of range in a list differs from what is no address`(_ text: String, _ flaw: String) {
        #expect(problem(["BURSAR_ALLOW": text])?.contains("BURSAR_ALLOW has \"\(text)\", which \(flaw)") == true)
    }

    @Test(arguments: [
        "BURSAR_HTTP_CONNECTIONS", "BURSAR_METRICS_PORT", "BURSAR_CONTACT", "BURSAR_LOG_FORMAT", "BURSAR_PUBLIC_URL",
        "BURSAR_HEADS_LOG_GROUP", "BURSAR_BURST", "BURSAR_TOTAL_RATE", "BURSAR_RATE", "BURSAR_DAILY_LIMIT",
        "BURSAR_SESSION_NAME",
    ])
    func `a malformed value of a setting that may be unset doesn't pass for unset`(_ name: String) {
        for value in ["a\u{07}b *", "\u{202E}"] {
            #expect(problem([name: value])?.hasPrefix("\(name) is ") == true, "\(value)")
        }
    }

    @Test(arguments: ["[10.0.0.1]", "[::1", "[x"])
    func `what is none in a list is called no address`(_ text: String) {
        let said = "BURSAR_ALLOW has \"\(text)\", which is not an address block"
        #expect(problem(["BURSAR_ALLOW": text]) == said)
    }

    @Test(arguments: [
        // Listening on one family, or behind a proxy, whose clients come by either.
        ([:], nil), (["BURSAR_ALLOW": "10.0.0.0/8"], nil),
        (["BURSAR_ALLOW": "10.0.0.0/8", "BURSAR_HTTP_HOST": "::1"], "IPv6"),
        (["BURSAR_ALLOW": "::/0"], "IPv4"), (["BURSAR_ALLOW": "10.0.0.0/8,::/0"], nil),
        (["BURSAR_ALLOW": "10.0.0.0/8", "BURSAR_HTTP_HOST": "::", "BURSAR_INSECURE_HTTP": "yes"], "IPv6"),
        (["BURSAR_ALLOW": "::/0", "BURSAR_HTTP_HOST": "::", "BURSAR_INSECURE_HTTP": "yes"], "IPv4"),
        (["BURSAR_ALLOW": "0.0.0.0/0", "BURSAR_TRUSTED_PROXIES": "127.0.0.1"], "IPv6"),
        (["BURSAR_ALLOW": "2001:db8::/32", "BURSAR_TRUSTED_PROXIES": "127.0.0.1"], "IPv4"),
        (["BURSAR_ALLOW": "10.0.0.0/8", "BURSAR_HTTP_HOST": "localhost"], "IPv6"),
    ])
    func `a list that shuts out a family which can reach the server is warned of`(
        _ changes: [String: String],
        _ family: String?
    ) throws {
        let finding = AllowCheck.finding(try settings(changes.mapValues { $0 }))
        #expect(finding?.status == family.map { _ in .warning })
        if let family { #expect(finding?.detail.contains("clients that connect over \(family) are refused") == true) }
    }

    @Test(arguments: [
        ("BURSAR_HTTP_PORT", "http"), ("BURSAR_HTTP_PORT", "65536"), ("BURSAR_SESSION_DURATION", "13h"),
        ("BURSAR_ISSUER", "vault"), ("BURSAR_ROLE_ARN", "bedrock"), ("BURSAR_LOG_LEVEL", "loud"),
        ("BURSAR_INSECURE_HTTP", "maybe"), ("BURSAR_METRICS_PORT", "70000"), ("BURSAR_LOG_FORMAT", "xml"),
        ("BURSAR_TLS_KEY", "/etc/key.pem"), ("BURSAR_HTTP_CONNECTIONS", "none"), ("BURSAR_MAXIMUM_KEY_LIFE", "0d"),
        ("BURSAR_MAXIMUM_KEY_LIFE", "a year"), ("BURSAR_PUBLIC_URL", "http://bursar.example.edu"),
        ("BURSAR_PUBLIC_URL", "https://u:p@bursar.example.edu"),
        ("BURSAR_HTTP_HOST", "300.0.0.1"), ("BURSAR_HTTP_HOST", "127.1"), ("BURSAR_HTTP_HOST", "[127.0.0.1]"),
        ("BURSAR_HTTP_HOST", "[::1]:8080"), ("BURSAR_METRICS_HOST", "::1]"), ("BURSAR_METRICS_HOST", "a b"),
        ("BURSAR_HTTP_HOST", "http://127.0.0.1"), ("BURSAR_HTTP_HOST", "x%eth0"), ("BURSAR_METRICS_HOST", "a..b"),
    ])
    func `a wrong value is refused with its setting's name`(_ name: String, _ value: String) {
        #expect(problem([name: value])?.contains(name) == true)
    }

    @Test func `a setting that doesn't exist is refused by name`() {
        #expect(problem(["BURSAR_SESION_DURATION": "2h"])?.contains("BURSAR_SESION_DURATION") == true)
    }

    @Test func `the help says each setting in lines that nobody has to break`() {
        let lines = Setting.help.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.filter { $0.hasPrefix("  BURSAR_") }.count == Setting.allCases.count)
    }

    @Test func `the setting that was meant is named`() throws {
        let hint = "did you mean BURSAR_SESSION_DURATION?"
        #expect(throws: UserFacingError("BURSAR_SESION_DURATION is not a setting", hint: hint)) {
            try settings(["BURSAR_SESION_DURATION": "2h"])
        }
    }

    @Test func `metrics are answered on loopback unless that is switched off`() throws {
        #expect(try settings([:]).metrics?.host == "127.0.0.1")
        #expect(try settings([:]).metrics?.port == 9464)
        #expect(try settings(["BURSAR_METRICS_PORT": "off"]).metrics == nil)
    }

    @Test func `plain HTTP where others reach it has to be asked for`() throws {
        #expect(problem(["BURSAR_HTTP_HOST": "0.0.0.0"])?.contains("unencrypted") == true)
        #expect(problem(["BURSAR_HTTP_HOST": "127.example.org"])?.contains("unencrypted") == true)
        #expect(try settings(["BURSAR_HTTP_HOST": "0.0.0.0", "BURSAR_INSECURE_HTTP": "yes"]).host == "0.0.0.0")
    }

    @Test func `TLS may be reached by others`() throws {
        let files = ["BURSAR_TLS_CERTIFICATE": "/etc/cert.pem", "BURSAR_TLS_KEY": "/etc/key.pem"]
        let settings = try settings(files.merging(["BURSAR_HTTP_HOST": "0.0.0.0"]) { $1 }.mapValues { $0 })
        #expect(settings.tls == TLSFiles(certificate: "/etc/cert.pem", key: "/etc/key.pem"))
    }

    @Test func `a path that begins with ~ is below the home, in variables and in the file`() throws {
        let variables = [
            "HOME": "/home/ada", "BURSAR_DATABASE": "~/db/b.sqlite", "BURSAR_TLS_CERTIFICATE": "~/c.pem",
            "BURSAR_TLS_KEY": "~/k.pem",
        ]
        let read = try settings(variables)
        #expect(read.database.name == "/home/ada/db/b.sqlite")
        #expect(read.tls == TLSFiles(certificate: "/home/ada/c.pem", key: "/home/ada/k.pem"))
        let yaml = """
            database: ~/b.sqlite
            role: { arn: "arn:aws:iam::123456789012:role/r" }
            region: us-east-1
            """
        let file = try SettingsFile(Array(yaml.utf8), path: "c.yaml")
        #expect(try Settings(environment: ["HOME": "/home/ada"], file: file).database.name == "/home/ada/b.sqlite")
    }

    @Test(arguments: ["BURSAR_DATABASE", "BURSAR_TLS_CERTIFICATE", "BURSAR_TLS_KEY"])
    func `another person's home is refused by the setting's name`(name: String) {
        let files = ["BURSAR_TLS_CERTIFICATE": "/c", "BURSAR_TLS_KEY": "/k"]
        let found = problem(files.merging([name: "~ada/x"]) { $1 }.mapValues { $0 })
        #expect(found == "\(name) is ~ada/x: the shell left the ~ as it is, and only ~/ is known here")
    }

    @Test(
        arguments: ["BURSAR_DATABASE", "BURSAR_TLS_CERTIFICATE", "BURSAR_TLS_KEY"],
        [
            ("$NOSUCH/x", "$NOSUCH/x: $NOSUCH was left as it is, and nothing of that name is there"),
            ("'/x'", "'/x': the quotation marks were left as they are, and nothing of that name is there"),
            ("sqlite:///x", "sqlite:\u{2026}, an address, and a path is needed"),
        ]
    )
    func `what a shell should have taken out of a path is refused by the setting's name`(
        name: String,
        path: (text: String, problem: String)
    ) {
        let files = ["BURSAR_TLS_CERTIFICATE": "/c", "BURSAR_TLS_KEY": "/k"]
        let found = problem(files.merging([name: path.text]) { $1 }.mapValues { $0 })
        #expect(found == "\(name) is \(path.problem)")
    }

    @Test func `simulated credentials are for this machine only, whatever else is allowed`() {
        let settings = ["BURSAR_HTTP_HOST": "0.0.0.0", "BURSAR_INSECURE_HTTP": "yes", "BURSAR_ISSUER": "simulated"]
        #expect(problem(settings)?.contains("this machine only") == true)
    }

    @Test func `a role is needed, and a region`() {
        #expect(problem(["BURSAR_ROLE_ARN": nil])?.contains("BURSAR_ROLE_ARN") == true)
        #expect(problem(["BURSAR_REGION": nil])?.contains("region") == true)
        #expect(problem(["BURSAR_ROLE_ARN": nil, "BURSAR_REGION": nil, "BURSAR_ISSUER": "simulated"]) == nil)
    }
}
