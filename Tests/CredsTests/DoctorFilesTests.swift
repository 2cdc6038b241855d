import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// Findings of `creds doctor` about creds' own files and `~/.aws`.
struct DoctorFilesTests {
    let home: Home
    private static let profile = ".config/bursar/temp-bedrock.json"

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    /// A change to an installed home, and the findings, with `HOME` and `URL` for the parts that differ.
    struct Case: Sendable {
        let damage: @Sendable (Home) throws -> Void
        let finding: DoctorFinding
    }

    private static func mode(_ mode: Int, _ name: String) -> @Sendable (Home) throws -> Void {
        {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode],
                ofItemAtPath: $0.path.appending(name).string
            )
        }
    }

    private static let reinstall = "creds install --url URL"
    static let cases: [Case] = [
        Case(
            damage: mode(0o755, ".config/bursar"),
            finding: .warning(
                .files,
                "HOME/.config/bursar: others may look into it",
                fix: "chmod 700 'HOME/.config/bursar'"
            )
        ),
        Case(
            damage: mode(0o777, ".config/bursar"),
            finding: .problem(
                .files,
                "HOME/.config/bursar: others may put files there",
                fix: "chmod 700 'HOME/.config/bursar'"
            )
        ),
        Case(
            damage: {
                try $0.write("{}\n", to: ".cache/bursar/x.json", mode: 0o644)
                try mode(0o700, ".cache/bursar")($0)
            },
            finding: .warning(
                .files,
                "HOME/.cache/bursar/x.json: holds a secret, but others may read or change it, so it is not used",
                fix: "chmod 600 'HOME/.cache/bursar/x.json'"
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", "[profile temp-bedrock]", "[profile other]") },
            finding: .problem(.awsConfig, "[profile temp-bedrock] is missing in HOME/.aws/config", fix: reinstall)
        ),
        Case(
            damage: { try $0.edit(".aws/config", "process --profile temp-bedrock", "process --profile other") },
            finding: .problem(
                .awsConfig,
                "[profile temp-bedrock] in HOME/.aws/config does not run creds",
                fix: reinstall + " --replace"
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", "credential_process", "sso_session = work\ncredential_process") },
            finding: .problem(
                .awsConfig,
                "[profile temp-bedrock] has sso_session too, which may win over credential_process",
                fix: reinstall + " --replace"
            )
        ),
        Case(
            damage: { home in
                let text = home.text(".aws/config") ?? ""
                try home.write(text + text.replacing("temp-bedrock]", with: #""temp-bedrock"]"#), to: ".aws/config")
            },
            finding: .problem(
                .awsConfig,
                "[profile temp-bedrock] comes twice in HOME/.aws/config; delete one",
                fix: #""${EDITOR:-vi}" +3 'HOME/.aws/config'"#
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", Checkout.program("creds"), "/nowhere/creds") },
            finding: .problem(
                .awsConfig,
                "[profile temp-bedrock] runs /nowhere/creds, which is not there",
                fix: reinstall
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", Checkout.program("creds"), "/etc/passwd") },
            finding: .problem(
                .awsConfig,
                "[profile temp-bedrock] runs /etc/passwd, which can't be run",
                fix: "chmod +x /etc/passwd"
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", Checkout.program("creds"), "/bin/sh") },
            finding: .warning(
                .awsConfig,
                "[profile temp-bedrock] runs /bin/sh, which is another creds than this",
                fix: reinstall
            )
        ),
        Case(
            damage: { try $0.edit(".aws/config", "[profile", "x = 1\n[profile") },
            finding: .problem(
                .awsConfig,
                "HOME/.aws/config, line 1: something stands before the first [section]; move it under its section, "
                    + "or delete it: the AWS CLI refuses the whole file as it is",
                fix: #""${EDITOR:-vi}" +1 'HOME/.aws/config'"#
            )
        ),
        Case(
            damage: { try $0.write("[a]\nx = 1\n[temp-bedrock]\naws_access_key_id = A\n", to: ".aws/credentials") },
            finding: .problem(
                .awsCredentials,
                "keys under [temp-bedrock] in HOME/.aws/credentials win over the profile; delete the section",
                fix: #""${EDITOR:-vi}" +3 'HOME/.aws/credentials'"#
            )
        ),
        Case(
            damage: { try $0.write("[temp-bedrock]\ncredential_process = x\n", to: ".aws/credentials") },
            finding: .problem(
                .awsCredentials,
                "an older helper's entry under [temp-bedrock] in HOME/.aws/credentials wins over the profile",
                fix: "creds install --url URL --take-over"
            )
        ),
        Case(
            damage: { home in
                let text = home.text(".aws/config") ?? ""
                try home.write("[DEFAULT]\nendpoint_url = https://elsewhere.example\n" + text, to: ".aws/config")
            },
            finding: .warning(
                .awsConfig,
                "endpoint_url under [DEFAULT] holds for every profile, and sends its requests elsewhere than to AWS",
                fix: #""${EDITOR:-vi}" +2 'HOME/.aws/config'"#
            )
        ),
        Case(
            damage: {
                try $0.edit(".aws/config", "credential_process", "endpoint_url = https://e.example\ncredential_process")
            },
            finding: .warning(
                .awsConfig,
                "endpoint_url under [profile temp-bedrock] sends its requests elsewhere than to AWS",
                fix: #""${EDITOR:-vi}" +2 'HOME/.aws/config'"#
            )
        ),
        Case(
            damage: { try $0.write("[a]\n[a]\n", to: ".aws/credentials") },
            finding: .problem(
                .awsCredentials,
                "HOME/.aws/credentials, line 2: a section comes a second time",
                fix: #""${EDITOR:-vi}" +2 'HOME/.aws/credentials'"#
            )
        ),
    ]

    @Test(arguments: cases)
    func `what is wrong with a file is found, and nothing else`(item: Case) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try item.damage(home)
            #expect(try await findings(server.url) == [item.finding])
        }
    }

    @Test func `a profile that others may read is not used, and the mode mends it`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try Self.mode(0o644, Self.profile)(home)
            let found = try await findings(server.url).filter { $0.state == .problem }
            #expect(found.map(\.check) == [.profile, .files])
            #expect(found.allSatisfy { $0.fix == "chmod 600 'HOME/\(Self.profile)'" })
            #expect(found.allSatisfy { $0.message.hasSuffix("holds a secret, but others may read or change it") })
        }
    }

    @Test func `a damaged profile is named`() async throws {
        try home.write("{", to: Self.profile)
        let found = try await findings("http://none").filter { $0.state == .problem }
        #expect(
            found == [
                .problem(
                    .profile,
                    "HOME/\(Self.profile): not a profile of creds",
                    fix: "mv 'HOME/\(Self.profile)' 'HOME/\(Self.profile).damaged' && creds install --url URL"
                )
            ]
        )
    }

    @Test func `another profile that is installed is named`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--profile", "work")
            let finding = try #require(try await findings(server.url).first)
            #expect(finding.message == "temp-bedrock is not installed; there is work")
            #expect(finding.fix == "creds doctor --profile work")
        }
    }

    @Test func `variables that move our files and AWS's are named`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let moved = try await findings(server.url, ["XDG_CONFIG_HOME": home.path.appending("x").string])
            #expect(moved.first?.fix == "unset XDG_CONFIG_HOME")
            let elsewhere = try await findings(server.url, ["AWS_CONFIG_FILE": home.path.appending("c").string])
            #expect(
                elsewhere == [
                    .problem(
                        .awsConfig,
                        "clients read HOME/c, but the profile is in HOME/.aws/config",
                        fix: "unset AWS_CONFIG_FILE"
                    )
                ]
            )
        }
    }

    /// botocore reads such a name literally, and finds no file.
    @Test(arguments: ["$NOSUCH/c", "${NOSUCH}/c", "\"/c\"", "file:///c"])
    func `a config's path that nothing expanded is named, and install makes nothing of it`(path: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
                let environment = [variable: path]
                let refused = try await home.creds("install", "--url", server.url, environment: environment)
                #expect(refused.exitCode == 1)
                #expect(refused.errors.hasPrefix("creds: error: \(variable) is "), "\(refused.errors)")
                #expect(refused.errors.contains("hint: unset \(variable), or write "), "\(refused.errors)")
                #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
            }
            _ = try await server.install()
            let found = try await findings(server.url, ["AWS_CONFIG_FILE": path])
            #expect(found.contains { $0.fix == "unset AWS_CONFIG_FILE" }, "\(found)")
        }
    }

    @Test func `a place that nothing can be written to is named, with what it means`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.write("", to: "file")
            let found = try await findings(server.url, ["XDG_CACHE_HOME": home.path.appending("file").string])
            #expect(
                found == [
                    .warning(
                        .disk,
                        "HOME/file is not a folder: sessions can't be kept, so each run asks the server; "
                            + "XDG_CACHE_HOME can name another place",
                        fix: "ls -ld 'HOME/file'"
                    )
                ]
            )
        }
    }

    /// Run as a user other than root, who is not bound by modes.
    @Test func `folders without leave to write are named`() async throws {
        let script = #"""
            mkdir -p -m 500 "$HOME/.cache/bursar"
            [ "$(id -u)" != 0 ] || { chown -R 65534 "$HOME"; set -- setpriv --reuid=65534 --clear-groups "$@"; }
            exec "$@"
            """#
        let outcome = try await Program("/bin/sh", environment: home.environment)
            .run(["-c", script, "sh", Checkout.program("creds"), "doctor"])
        let folder = home.path.appending(".cache/bursar").string
        let lines = outcome.output.split(separator: "\n").map { $0.drop { $0 == " " } }
        let place = try #require(lines.firstIndex { $0.hasPrefix("warning  disk") })
        #expect(lines[place].contains("~/.cache/bursar can't be written to: sessions can't be kept"))
        #expect(lines[place + 1] == "fix: chmod u+w '\(folder)'")
    }

    @Test func `without HOME there is a word about it`() async throws {
        let found = try await home.findings(environment: ["HOME": ""])
        #expect(found.first?.message == "HOME is not set to a folder")
        #expect(found.first?.fix == #"eval "export HOME=~$(id -un)""#)
    }

    @Test func `a damaged session is reported`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            let cache = try #require(home.files.first { $0.hasPrefix(".cache") && $0.hasSuffix(".json") })
            try home.write("[]", to: cache)
            let found = try await findings(server.url)
            #expect(found.map(\.check) == [.session] && found.map(\.fix) == ["creds refresh"])
        }
    }

    private func findings(_ url: String, _ environment: [String: String] = [:]) async throws -> [DoctorFinding] {
        try await home.findings(environment: environment).map { finding in
            func masked(_ text: String) -> String {
                text.replacing(home.path.string, with: "HOME").replacing(url, with: "URL")
            }
            return DoctorFinding(
                check: finding.check,
                state: finding.state,
                message: masked(finding.message),
                fix: finding.fix.map(masked)
            )
        }
    }
}
