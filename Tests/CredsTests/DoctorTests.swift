import BursarConsole
import TestSupport
import Testing

@testable import creds

/// `creds doctor` as a whole.
struct DoctorTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    @Test func `all is well on one screen`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let seen = try await home.doctor(url: server.url)
            #expect(
                seen.output == """
                    ok  profile          temp-bedrock, for URL
                    ok  files            yours alone: ~/.config/bursar
                    ok  disk             there is room, and it can be written to
                    ok  aws-config       [profile temp-bedrock] in ~/.aws/config runs CREDS
                    ok  aws-credentials  there is no ~/.aws/credentials
                    ok  environment      clients use temp-bedrock, and nothing wins over it
                    ok  bearer-token     AWS_BEARER_TOKEN_BEDROCK is not set
                    ok  network          no proxy is set; the system's certificates count
                    ok  server           URL answers
                    ok  clock            agrees with the server's
                    ok  key              ada's key 0123456789ab ends in …
                    ok  address          the server sees 127.0.0.1
                    ok  session          none is kept; the next call asks for one
                    ok  last-error       none since the last success
                    ok  clients          aws-cli/2.31.0, ~/bin/aws

                    all is well

                    """
            )
            #expect(seen.exitCode == 0 && seen.errors.isEmpty)
            #expect(server.asked == 0)
        }
    }

    @Test func `nothing is installed`() async throws {
        let seen = try await home.doctor(environment: ["AWS_PROFILE": "", "PATH": "/nowhere"])
        #expect(
            seen.output == """
                problem  profile          temp-bedrock is not installed
                                          fix: creds install --url URL
                skipped  files            there are none yet
                ok       disk             there is room, and it can be written to
                skipped  aws-config       there is no profile to look for
                ok       aws-credentials  there is no ~/.aws/credentials
                problem  environment      AWS_PROFILE is set but empty, and boto3 then looks for a profile without a name
                                          fix: unset AWS_DEFAULT_PROFILE; export AWS_PROFILE=temp-bedrock
                ok       bearer-token     AWS_BEARER_TOKEN_BEDROCK is not set
                ok       network          no proxy is set; the system's certificates count
                skipped  server           there is no profile to ask for
                skipped  clock            there is no profile to ask for
                skipped  key              there is no profile to ask for
                skipped  address          there is no profile to ask for
                skipped  session          there is no profile to have one
                ok       clients          the AWS CLI is not on PATH; SDKs don't need it

                2 problems

                """
        )
        #expect(seen.exitCode == 1)
    }

    @Test func `a session and the last error are reported, and warnings alone are no failure`() async throws {
        try await FakeBursar.run(.hour, .unavailable, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            _ = try await home.creds("refresh")
            let seen = try await home.doctor(url: server.url)
            #expect(
                seen.output.contains("ok       session          ends in …; the first request after … gets a new one\n")
            )
            #expect(
                seen.output.contains(
                    """
                    warning  last-error       …: AWS can't be reached at the moment (aws_unavailable); try again shortly
                                              fix: creds refresh
                    """
                )
            )
            #expect(seen.output.hasSuffix("\n1 warning\n"))
            #expect(seen.exitCode == 0)
        }
    }

    @Test func `nothing is changed`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let before = home.files
            _ = try await home.doctor()
            #expect(home.files == before)
            #expect(server.asked == 0)
        }
    }

    /// The layout in 80 columns and in 40: text is broken at blanks, commands never are.
    @Test func `long findings are broken at blanks, and commands stay whole`() {
        let fix = #""${EDITOR:-vi}" +3 /home/ada/.aws/credentials"#
        let message = "keys under [temp-bedrock] in /home/ada/.aws/credentials win over the profile; delete the section"
        let findings: [creds.DoctorFinding] = [
            .problem(.awsCredentials, message, fix: fix), .ok(.disk, "there is room"),
        ]
        let report = DoctorReport(findings: findings, home: "/home/ada")
        #expect(
            report.text(.plain, width: 80) == """
                problem  aws-credentials  keys under [temp-bedrock] in ~/.aws/credentials win
                                          over the profile; delete the section
                                          fix: "${EDITOR:-vi}" +3 ~/.aws/credentials
                ok       disk             there is room

                1 problem
                """
        )
        #expect(
            report.text(.plain, width: 40) == """
                problem  aws-credentials
                  keys under [temp-bedrock] in
                  ~/.aws/credentials win over the
                  profile; delete the section
                  fix: "${EDITOR:-vi}" +3 ~/.aws/credentials
                ok       disk
                  there is room

                1 problem
                """
        )
        let long = DoctorReport(findings: [.problem(.disk, "full", fix: String(repeating: "x", count: 70))])
        #expect(long.text(.plain, width: 80).contains("full\n  fix: " + String(repeating: "x", count: 70)))
    }

    @Test func `marks and colours are for terminals`() {
        let report = DoctorReport(findings: [.ok(.disk, "fine"), .problem(.clock, "slow", fix: "date -u")])
        #expect(
            report.text(.colored) == """
                \u{1B}[32m✓\u{1B}[0m  disk   fine
                \u{1B}[1;31m✗\u{1B}[0m  clock  slow
                          fix: \u{1B}[1mdate -u\u{1B}[0m

                1 problem
                """
        )
    }

    @Test func `neither a key nor a control character of a file gets onto the screen`() {
        let finding = DoctorFinding.problem(.key, "\u{1B}[2J\(Home.key)", fix: "echo \(Home.key)")
        let text = DoctorReport(findings: [finding]).text(.plain)
        #expect(!text.contains(Home.key.suffix(49)) && !text.contains("\u{1B}"))
    }

    @Test(arguments: [("exit 1", "doesn't tell its version"), ("sleep 60", "doesn't tell its version")])
    func `an AWS CLI that can't be run is warned of, and not waited for`(script: String, said: String) async throws {
        try home.writeCLI(script)
        let finding = try #require(try await home.findings().first { $0.check == .clients })
        #expect(finding.state == .warning && finding.message.hasSuffix(said))
        #expect(finding.fix?.hasSuffix("/bin/aws' --version") == true)
    }

    @Test func `an unknown option is misuse`() async throws {
        #expect(try await home.creds("doctor", "--frobnicate").exitCode == 64)
    }
}
