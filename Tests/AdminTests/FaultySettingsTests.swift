import BursarFoundation
import TestSupport
import Testing

/// Protecting commands go ahead despite faulty settings, as long as the database is known.
@Suite struct FaultySettingsTests {
    /// A fault of the settings as a whole, and a part of what says so.
    struct SettingsFault: Sendable, CustomTestStringConvertible {
        var variables: [String: String] = [:]
        /// The content of the file; nil for no `--config`.
        var file: String?
        var path: String?
        var mode = 0o600
        let message: String

        var testDescription: String { message }

        func options(_ home: OperatorHome) throws -> [String] {
            if let path { return ["--config", path] }
            guard let file else { return [] }
            let path = try home.write(file, to: "config.yaml")
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            return ["--config", path]
        }
    }

    private static let faults = [
        SettingsFault(variables: ["BURSAR_PORT": "tcp://10.0.0.1:80"], message: "BURSAR_PORT is not a setting"),
        SettingsFault(variables: ["BURSAR_DATABSE": "/nowhere"], message: "BURSAR_DATABSE is not a setting"),
        SettingsFault(file: "colour: red\n", message: "config.yaml:1 is not a setting"),
        SettingsFault(file: "databse: /nowhere\n", message: "config.yaml:1 is not a setting"),
        SettingsFault(file: "database: [/nowhere]\n", message: "is a list"),
        SettingsFault(file: "http: { port: 1 }\nhttp.port: 2\n", message: "stands there twice"),
        SettingsFault(file: "rate: {\n", message: "not YAML"),
        SettingsFault(file: "rate: 1\n", mode: 0o666, message: "config.yaml"),
        SettingsFault(path: "/nowhere/config.yaml", message: "/nowhere/config.yaml"),
        SettingsFault(path: "~ada/config.yaml", message: "~ada/config.yaml: the shell left the ~ as it is"),
    ]

    /// A command that keeps damage away, what it says that it has done, and SQL that shows it as a 1.
    struct ProtectingCommand: Sendable, CustomTestStringConvertible {
        let line: String
        let said: String
        let shown: String

        var testDescription: String { line }
    }

    private static let acts = [
        ProtectingCommand(
            line: "keys revoke --researcher ada --reason leaked --yes",
            said: "revoked key",
            shown: "SELECT revoked_at > 0 FROM keys"
        ),
        ProtectingCommand(
            line: "researchers disable ada --yes",
            said: "switched off ada",
            shown: "SELECT count(*) FROM records WHERE kind = 'researcher_disabled'"
        ),
        ProtectingCommand(
            line: "vending pause --yes",
            said: "vending is stopped",
            shown: "SELECT count(*) FROM records WHERE kind = 'vending_paused'"
        ),
        ProtectingCommand(
            line: "keys canary ada --label backup",
            said: "it never vends",
            shown: "SELECT count(*) FROM keys WHERE label = 'backup'"
        ),
        ProtectingCommand(
            line: "sessions end ada --print --yes --role-arn arn:aws:iam::123456789012:role/bedrock",
            said: "hands out no session of ada's",
            shown: "SELECT sessions_valid_from > 0 FROM researchers"
        ),
    ]

    private func operatorHome() async throws -> OperatorHome {
        let home = try OperatorHome()
        try await home.addAda()
        _ = try await home.issueKey()
        return home
    }

    /// `admin` of an operator who hasn't set the database's variable, nor anything of AWS's.
    private func run(
        _ words: [String],
        _ home: OperatorHome,
        _ changes: [String: String]
    ) async throws -> Program.Outcome {
        var environment = home.environment.merging(changes) { $1 }
        if changes["BURSAR_DATABASE"] == nil { environment["BURSAR_DATABASE"] = nil }
        return try await Program(Checkout.program("admin"), environment: environment).run(words)
    }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    @Test(arguments: acts, faults)
    func `a named database is all that it takes, and the fault is reported after the act`(
        act: ProtectingCommand,
        fault: SettingsFault
    )
        async throws
    {
        let home = try await operatorHome()
        let options = ["--database", home.database] + (try fault.options(home))
        let outcome = try await run(words(act.line) + options, home, fault.variables)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(try await home.sql(act.shown) == "1\n")
        let lines = outcome.errors.split(separator: "\n")
        let done = try #require(lines.firstIndex { $0.contains(act.said) }, "\(outcome.errors)")
        let warning = try #require(
            lines.lastIndex { $0.hasPrefix("admin: warning: ") && $0.contains(fault.message) },
            "\(outcome.errors)"
        )
        #expect(done < warning, "\(outcome.errors)")
    }

    @Test(arguments: faults)
    func `what gives access waits until the settings are mended`(fault: SettingsFault) async throws {
        let home = try await operatorHome()
        let options = ["--database", home.database] + (try fault.options(home))
        for line in ["keys issue ada", "researchers enable ada", "vending resume"] {
            let outcome = try await run(words(line) + options, home, fault.variables)
            #expect(outcome.exitCode != 0 && outcome.errors.contains(fault.message), "\(line): \(outcome.errors)")
        }
        #expect(try await home.sql("SELECT count(*) FROM keys") == "1\n")
    }

    /// Those that may hide where the database is; after the others it may be in its usual place.
    private static let hidingFaults = faults.filter { fault in
        !["BURSAR_PORT", "stands there twice"].contains { fault.message.contains($0) } && fault.file != "colour: red\n"
    }

    @Test(arguments: acts, hidingFaults)
    func `a database that only the faulty settings could name is asked for, in one line`(
        act: ProtectingCommand,
        fault: SettingsFault
    )
        async throws
    {
        let home = try await operatorHome()
        let outcome = try await run(words(act.line) + (try fault.options(home)), home, fault.variables)
        #expect(outcome.exitCode == 1 && outcome.output.isEmpty, "\(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 2, "\(outcome.errors)")
        #expect(lines.first?.contains("which database is meant can't be told: ") == true, "\(outcome.errors)")
        #expect(lines.first?.contains(fault.message) == true, "\(outcome.errors)")
        #expect(lines.last?.contains("admin: hint: name it with --database FILE") == true, "\(outcome.errors)")
        // As the hint has it, and as the variable has it.
        let path = home.database
        let variable = fault.variables.merging(["BURSAR_DATABASE": path]) { $1 }
        let named = try await run(words(act.line) + (try fault.options(home)), home, variable)
        #expect(named.exitCode == 0, "\(named.errors)")
        #expect(try await home.sql(act.shown) == "1\n")
    }

    @Test(arguments: acts)
    func `the readable rest of the settings still names the database`(act: ProtectingCommand) async throws {
        let home = try await operatorHome()
        let file = try home.write("colour: red\ndatabase: \(home.database)\n", to: "config.yaml")
        let outcome = try await run(words(act.line) + ["--config", file], home, ["BURSAR_PORT": "1"])
        #expect(outcome.exitCode == 0 && outcome.errors.contains("colour in "), "\(outcome.errors)")
        #expect(outcome.errors.contains("BURSAR_PORT is not a setting") && outcome.errors.contains("database: "))
        #expect(try await home.sql(act.shown) == "1\n")
    }

    @Test(arguments: [
        [:], ["BURSAR_ROLE_ARN": "bedrock"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_ROLE_PROJECTS": "engines=role"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_ROLE_PROJECTS": "[\""],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_ROLE_ARNS": "role"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_RATE": "bogus"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "AWS_REGION": "us-iso-east-1"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us east"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_SESSION_TAGS": "maybe"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_SOURCE_IDENTITY": "maybe"],
        ["BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_ISSUER": "stss"],
    ])
    func `the hint after sessions that could not be ended runs as it is printed`(settings: [String: String])
        async throws
    {
        let roles = [
            [], ["--role-arn", "bedrock"], ["--role-arn", "arn:aws:iam::123456789012:role/ours"],
            ["--role-arn", "arn:aws:sts::123456789012:assumed-role/bedrock/ada"],
            ["--role-arn", "bedrock", "--role-arn", "arn:aws:iam::123456789012:role/ours"],
        ]
        for typed in roles {
            let home = try await operatorHome()
            let settings = settings.merging(["BURSAR_DATABASE": home.database]) { $1 }
            let revoke = words("keys revoke --researcher ada --reason leaked --end-sessions --yes")
            let refused = try await run(revoke + typed, home, settings)
            #expect(refused.exitCode == 1 && refused.errors.contains("the key is revoked; "), "\(refused.errors)")
            let hint = try #require(refused.errors.split(separator: "\n").last { $0.hasPrefix("admin: hint: ") })
            let start = try #require(hint.firstRange(of: "admin sessions end")).lowerBound
            let command = String(hint[start...])
            let isRoleSet = settings["BURSAR_ROLE_ARN"]?.hasPrefix("arn:") == true
            let isRoleKnown = isRoleSet || typed.contains { $0.hasSuffix("role/ours") }
            #expect(hint.contains("with the ARN of their role for ROLE: ") == !isRoleKnown, "\(hint)")
            #expect(command.contains("--role-arn ROLE ") == !isRoleKnown, "\(hint)")
            #expect(!command.contains("--role-arn bedrock") && !command.contains("assumed-role"), "\(hint)")
            let folder = Checkout.program("admin").split(separator: "/").dropLast().joined(separator: "/")
            var environment = home.environment.merging(settings) { $1 }
            environment["PATH"] = "/\(folder):/usr/bin:/bin"
            let filled = command.replacing(" ROLE ", with: " arn:aws:iam::123456789012:role/bedrock ")
            let script = "cd \"$HOME\" && " + filled
            let ran = try await Program("/bin/sh", environment: environment).run(["-c", script])
            #expect(ran.exitCode == 0, "\(filled)\n\(ran.errors)")
            #expect(ran.errors.contains("aws iam put-role-policy --role-name "), "\(ran.errors)")
            #expect(home.text("end-ada.json")?.contains("aws:TokenIssueTime") == true)
        }
    }
}
