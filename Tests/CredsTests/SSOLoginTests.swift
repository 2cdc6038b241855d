import BursarFiles
import SystemPackage
import TestSupport
import Testing

/// An ended SSO session, with and without a terminal; a script plays `aws`.
struct SSOLoginTests {
    let home: Home
    private static let config = """
        [profile mine]
        sso_session = work
        sso_account_id = 123456789012
        sso_role_name = bedrock
        region = us-east-1
        [sso-session work]
        sso_region = us-east-1
        sso_start_url = https://example.awsapps.com/start

        """

    init() throws {
        home = try Home()
        try home.write(Self.config, to: ".aws/config")
    }

    @Test func `without a terminal nobody is asked to sign in, and the next step is printed`() async throws {
        try login("echo called > '\(home.path)/called'")
        let refused = try await home.creds("token", "--aws-profile", "mine", environment: ["PATH": path])
        #expect(refused.exitCode == 1)
        #expect(refused.output == "unset AWS_BEARER_TOKEN_BEDROCK; false\n")
        #expect(refused.errors.contains("there is no sign-in\ncreds: hint: aws sso login --profile mine\n"))
        #expect(home.text("called") == nil)
    }

    /// The script replaces the SSO session by keys, since no real one is available here.
    @Test func `on a terminal the person signs in, and what that says isn't evaluated`() async throws {
        let keys = "[profile mine]\\naws_access_key_id = AKIAEXAMPLE000000001\\naws_secret_access_key = secret\\n"
        try login(
            "echo 'export EVIL=1'; echo $* > '\(home.path)/called'; printf '\(keys)' > '\(home.path)/.aws/config'"
        )
        let script = #"""
            eval "$("$CREDS" token --aws-profile mine --region us-east-1)"; echo "$? ${AWS_REGION-none} ${EVIL-none}"
            """#
        let seen = try await onTerminal(script)
        #expect(seen.contains("creds: your sign-in is over; running aws sso login"))
        #expect(seen.contains("export EVIL=1"))
        #expect(seen.contains("0 us-east-1 none"))
        #expect(home.text("called") == "sso login --profile mine\n")
    }

    @Test func `a sign-in that fails is a failure for the shell`() async throws {
        try login("exit 1")
        let script = #"""
            export AWS_BEARER_TOKEN_BEDROCK=old
            eval "$("$CREDS" token --aws-profile mine --region us-east-1)"; echo "$? ${AWS_BEARER_TOKEN_BEDROCK-gone}"
            """#
        let seen = try await onTerminal(script)
        #expect(seen.contains("creds: error: aws sso login failed"))
        #expect(seen.contains("1 gone"))
    }

    private var path: String { "\(home.path)/bin:/usr/bin:/bin" }

    private func login(_ script: String) throws {
        try home.write("#!/bin/sh\n\(script)\n", to: "bin/aws", mode: 0o700)
    }

    private func onTerminal(_ script: String) async throws -> String {
        try home.write(script, to: "script.sh")
        let variables = ["PATH": path, "CREDS": Checkout.program("creds"), "TERM": "dumb"]
        let environment = home.environment.merging(variables) { $1 }
        let command = "bash --norc '\(home.path)/script.sh'"
        return try await Program("/usr/bin/script", environment: environment).run(["-qec", command, "/dev/null"]).output
    }
}
