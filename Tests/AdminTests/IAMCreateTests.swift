import BursarFoundation
import TestSupport
import Testing

/// `admin iam create`, against moto.
@Suite(.enabled(if: Account.isThere), .serialized)
struct IAMCreateTests {
    private let ada = "--owner ada@example.edu"

    @Test func `a user is made with tags and a policy for invoking alone, and its key is shown once`() async throws {
        try await Account.with { account in
            let made = try await account.admin("iam create Payments", ada)
            #expect(made.exitCode == 0, "\(made.errors)")
            let key = Account.key(made.output)
            let id = try #require(key["AWS_ACCESS_KEY_ID"])
            let secret = try #require(key["AWS_SECRET_ACCESS_KEY"])
            #expect(key["AWS_REGION"] == "us-east-1")
            #expect(made.errors.contains("acting as arn:aws:iam::123456789012:user/operator"))
            #expect(made.errors.contains("short-term credentials end by themselves"))
            #expect(!made.errors.contains(secret) && !made.errors.contains(id))
            #expect(made.errors.contains(id.prefix(8) + "…" + id.suffix(4)))

            let tags = try await account.iam("list-user-tags --user-name payments-bedrock-user")
            for tag in ["business-unit\tpayments", "purpose\tbedrock", "owner\tada@example.edu", "user/operator"] {
                #expect(tags.contains(tag), "\(tags)")
            }
            let policy = try await account.iam(
                "get-user-policy --user-name payments-bedrock-user --policy-name bursar-bedrock-invoke --output json"
            )
            #expect(policy.contains("bedrock:InvokeModelWithResponseStream"))
            #expect(policy.contains("bedrock:CallWithBearerToken"))
            #expect(!policy.contains("\"bedrock:*\"") && !policy.contains(":Create"))

            for words in ["iam show payments", "iam show payments --format json", "iam list", "iam list --format json"]
            {
                let shown = try await account.admin(words)
                #expect(shown.output.contains("payments-bedrock-user"), "\(shown.errors)")
                #expect(shown.output.contains(id.prefix(8) + "…" + id.suffix(4)) && !shown.output.contains(id))
                #expect(!shown.output.contains(secret))
            }
            #expect(!(try await account.admin("iam list").output.contains("legacy")))
        }
    }

    @Test func `a repetition makes nothing new, a second key is asked for, and a third is refused`() async throws {
        try await Account.with { account in
            #expect(try await account.admin("iam create payments", ada).exitCode == 0)
            let again = try await account.admin("iam create payments --owner bob@example.edu")
            #expect(again.exitCode == 0 && again.output.isEmpty)
            #expect(again.errors.contains("is there already") && again.errors.contains("--extra-key"))
            #expect(
                try await account.iam("list-user-tags --user-name payments-bedrock-user").contains("bob@example.edu")
            )
            let second = try await account.admin("iam create payments --extra-key", ada)
            #expect(Account.key(second.output)["AWS_ACCESS_KEY_ID"] != nil, "\(second.errors)")
            let third = try await account.admin("iam create payments --extra-key", ada)
            #expect(third.isRefusal)
            #expect(third.errors.contains("AWS allows no third"))
            #expect(third.errors.contains("admin iam rotate payments --finish"))
        }
    }

    @Test func `two operators at once leave no key that nobody holds`() async throws {
        try await Account.with { account in
            async let one = account.admin("iam create payments", ada)
            async let other = account.admin("iam create payments", ada)
            let outcomes = [try await one, try await other]
            let handed = outcomes.compactMap { Account.key($0.output)["AWS_ACCESS_KEY_ID"] }
            let keys = try await account.iam("list-access-keys --user-name payments-bedrock-user")
            #expect(!handed.isEmpty && outcomes.allSatisfy { $0.exitCode == 0 }, "\(outcomes.map(\.errors))")
            #expect(keys.split(separator: "\n").count == handed.count && handed.allSatisfy { keys.contains($0) })
        }
    }

    @Test func `the key goes to a file of mode 0600, or to Secrets Manager, and nowhere else`() async throws {
        try await Account.with { account in
            let file = account.home + "/payments.json"
            let written = try await account.admin("iam create payments --format json --key-file", file, ada)
            #expect(written.exitCode == 0 && written.output.isEmpty, "\(written.errors)")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let key = try JSONDecoder().decode([String: String].self, from: try Data(contentsOf: URL(filePath: file)))
            #expect(key["AWS_SECRET_ACCESS_KEY"]?.isEmpty == false)

            let taken = try await account.admin("iam create billing --key-file", file, ada)
            #expect(taken.isRefusal && taken.errors.contains("already"))
            #expect(!(try await account.iam("list-users").contains("billing-bedrock-user")))

            for unit in ["billing", "shipping"] {
                let put = try await account.admin("iam create \(unit) --secrets-manager prod/bedrock", ada)
                #expect(put.exitCode == 0 && put.output.isEmpty, "\(put.errors)")
                let keys = try await account.iam("list-access-keys --user-name \(unit)-bedrock-user")
                let kept = try await account.secret("prod/bedrock")
                #expect(keys.contains(try #require(kept["AWS_ACCESS_KEY_ID"])))
            }
            let section = try await account.admin("iam create finance --format aws-configure", ada)
            #expect(section.output.hasPrefix("[finance-bedrock-user]\naws_access_key_id = "))

            let nowhere = try await account.admin("iam create nowhere --key-file", account.home + "/no/where", ada)
            #expect(nowhere.isRefusal && nowhere.errors.contains("/no: no such file or folder"), "\(nowhere.errors)")
            #expect(!(try await account.iam("list-users").contains("nowhere-bedrock-user")))

            let script = "exec \"$0\" iam create lost \(ada) >/dev/full"
            let lost = try await account.run("/bin/sh", ["-c", script, Checkout.program("admin")], [:])
            #expect(lost.isRefusal && lost.errors.contains("was deleted again"), "\(lost.errors)")
            #expect(try await account.iam("list-access-keys --user-name lost-bedrock-user") == "")
        }
    }

    @Test func `models are looked up first, and full access is by flag and with a warning`() async throws {
        try await Account.with { account in
            let wrong = try await account.admin(
                "iam create payments --models anthropic.claud-*",
                ada,
                changes: account.bedrock
            )
            #expect(wrong.isRefusal && wrong.errors.contains("there is no model anthropic.claud-* in us-east-1"))
            let denied = try await account.admin(
                "iam create payments --models anthropic.claude-*",
                ada,
                changes: account.deniedBedrock
            )
            #expect(denied.isRefusal && denied.errors.contains("may not bedrock:ListFoundationModels"))
            #expect(!(try await account.iam("list-users").contains("payments-bedrock-user")))

            let made = try await account.admin(
                "iam create payments --models anthropic.claude-*",
                ada,
                changes: account.bedrock
            )
            #expect(made.exitCode == 0, "\(made.errors)")
            let policy = try await account.iam(
                "get-user-policy --user-name payments-bedrock-user --policy-name bursar-bedrock-invoke --output json"
            )
            #expect(policy.contains("foundation-model/anthropic.claude-*") && !policy.contains("foundation-model/*"))
            // moto's own Bedrock can't answer: no reason to stop.
            let unwell = try await account.admin("iam create shipping --models anthropic.claude-*", ada)
            #expect(unwell.exitCode == 0 && unwell.errors.contains("was not checked"), "\(unwell.errors)")

            let full = try await account.admin("iam create billing --full", ada)
            #expect(full.exitCode == 0 && full.errors.contains("also lets this key"), "\(full.errors)")
            let attached = try await account.iam("list-attached-user-policies --user-name billing-bedrock-user")
            #expect(attached.contains("AmazonBedrockFullAccess"))
        }
    }

    @Test func `what a key may do is widened by nobody who doesn't say so, and narrowed for good`() async throws {
        try await Account.with { account in
            let reading = "get-user-policy --user-name payments-bedrock-user --policy-name bursar-bedrock-invoke"
            let narrow = "iam create payments --models anthropic.claude-*"
            #expect(try await account.admin(narrow, ada, changes: account.bedrock).exitCode == 0)
            let before = try await account.iam(reading)
            let again = try await account.admin("iam create payments --extra-key", ada)
            #expect(again.exitCode == 0 && again.errors.contains("stays as it is"), "\(again.errors)")
            #expect(try await account.iam(reading) == before)

            #expect(try await account.admin("iam create payments --full", ada).exitCode == 0)
            let narrowed = try await account.admin(narrow, ada, changes: account.bedrock)
            #expect(narrowed.exitCode == 0, "\(narrowed.errors)")
            let attached = try await account.iam("list-attached-user-policies --user-name payments-bedrock-user")
            #expect(!attached.contains("AmazonBedrockFullAccess"))
        }
    }

    @Test func `an error has its reason and the way on`() async throws {
        try await Account.with { account in
            for unit in ["legacy", "shop"] {
                let foreign = try await account.admin("iam create \(unit)", ada)
                #expect(foreign.isRefusal && foreign.errors.contains("without the tags"), "\(foreign.errors)")
                for words in ["show", "rotate", "delete --yes"] {
                    #expect(try await account.admin("iam \(words) \(unit)").isRefusal)
                }
            }
            let clerk = try await account.admin("iam create payments", ada, changes: account.clerk)
            #expect(clerk.isRefusal && clerk.errors.contains("may not iam:PutUserPolicy"), "\(clerk.errors)")
            #expect(clerk.errors.contains("made so far: the user payments-bedrock-user"))
            let goesOn = try await account.admin("iam create payments", ada)
            #expect(goesOn.exitCode == 0 && !goesOn.output.isEmpty)

            let nobody = ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
            let none = try await account.admin("iam list", changes: nobody)
            #expect(none.isRefusal && none.errors.contains("there are no AWS credentials here"), "\(none.errors)")
            let unknown = try await account.admin("iam list --aws-profile prod", changes: nobody)
            #expect(unknown.isRefusal && unknown.errors.contains("there is no AWS profile prod"), "\(unknown.errors)")
            let wrong = try await account.admin("iam list", changes: ["AWS_SECRET_ACCESS_KEY": "wrong"])
            #expect(wrong.isRefusal && wrong.errors.contains("SignatureDoesNotMatch"), "\(wrong.errors)")
            let away = try await account.admin("iam list", changes: ["AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
            #expect(away.isRefusal && away.errors.contains("AWS can't be reached"), "\(away.errors)")
            for outcome in [clerk, none, unknown, wrong, away] {
                #expect(!account.secrets.contains { outcome.errors.contains($0) })
            }
            for words in ["payments! --owner ada@example.edu", "payments --owner ada", "payments"] {
                #expect(try await account.admin("iam create", words).exitCode == 64)
            }
        }
    }
}
