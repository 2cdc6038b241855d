import BursarFoundation
import TestSupport
import Testing

/// `admin provision`, as it is run.
@Suite struct ProvisionTests {
    private struct Reading: Decodable, Equatable {
        var kind: String?
        var ttlSeconds: Int?
        var businessUnit: String?
        var owner: String?
        var region: String?
        var question: String?
    }

    @Test func `a dry run prints all six parts, null where one doesn't apply`() async throws {
        let home = try OperatorHome()
        let words = "quick test for genomics, 2 hours, ada@example.edu, in us-west-2"
        let outcome = try await home.admin(["provision", words, "--dry-run", "--format", "json"])
        #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
        let reading = try JSONDecoder().decode(Reading.self, from: Data(outcome.output.utf8))
        #expect(
            reading
                == Reading(
                    kind: "short-term",
                    ttlSeconds: 7200,
                    businessUnit: "genomics",
                    owner: "ada@example.edu",
                    region: "us-west-2",
                    question: nil
                )
        )
        let long = try await home.admin(["provision", "production for payments", "--dry-run", "--format", "json"])
            .output
        for part in [
            "\"kind\" : \"long-term\"", "\"ttlSeconds\" : null", "\"owner\" : null", "\"question\" : \"Who answers",
        ] {
            #expect(long.contains(part), "\(long)")
        }
        let unclear = try await home.admin(["provision", "production", "quick test", "--dry-run", "--format", "json"])
        #expect(unclear.exitCode == 0 && unclear.output.contains("Is it for a system"))
        #expect(!FileManager.default.fileExists(atPath: home.folder + "/state"))
    }

    @Test func `short-term words make a researcher and a key that ends when they say`() async throws {
        let home = try OperatorHome()
        #expect(try await home.admin("database init").isSuccess)
        let words = "genomics access for 2 hours, Ada.Lovelace@example.edu"
        let asked = try await home.admin(["provision", words])
        #expect(asked.exitCode == 1 && asked.output.isEmpty)
        #expect(asked.errors.contains("works for: 2h") && asked.errors.contains("add --yes"))
        let first = "will run: admin researchers add Ada.Lovelace --name Ada.Lovelace@example.edu "
        #expect(asked.errors.contains(first), "\(asked.errors)")
        #expect(asked.errors.contains("will run: admin keys issue Ada.Lovelace --label provisioned --expires 2h"))
        #expect(try await home.admin("researchers list --format json").output.contains("Ada") == false)

        let done = try await home.admin(["provision", words, "--yes"])
        #expect(done.exitCode == 0 && done.output.hasPrefix("bursar_"), "\(done.errors)")
        #expect(done.errors.contains("creds install … --region us-east-1"))
        #expect(try await home.admin("keys list").output.contains("provisioned"))
        // A second time she is known, in whatever case her address is written.
        let again = try await home.admin(["provision", "try out, ada.lovelace@EXAMPLE.edu", "--yes"])
        #expect(again.exitCode == 0 && !again.errors.contains("researchers add"), "\(again.errors)")
    }

    @Test func `a short-term key needs no owner: it is the unit's, the second time too`() async throws {
        let home = try OperatorHome()
        #expect(try await home.admin("database init").isSuccess)
        let first = try await home.admin(["provision", "quick test for the Marketing Team", "--yes"])
        #expect(first.exitCode == 0 && first.output.hasPrefix("bursar_"), "\(first.errors)")
        let added = "will run: admin researchers add marketing-team --name marketing-team --email "
        #expect(first.errors.contains(added), "\(first.errors)")
        let again = try await home.admin(["provision", "marketing team access for two hours", "--yes"])
        #expect(again.exitCode == 0 && !again.errors.contains("researchers add"), "\(again.errors)")
        #expect(again.errors.contains("will run: admin keys issue marketing-team --label provisioned --expires 2h"))
    }

    @Test(arguments: [
        ("production quick test for genomics, ada@example.edu", "Is it for a system"),
        ("genomics access for 13 hours, ada@example.edu", "15 minutes to 12 hours"),
        ("quick test for ada", "which handle is ada to have? \"ada\" is another researcher's"),
        ("quick test", "who is the key for?"),
        ("quick test, ada@example.edu", "say it: for genomics"),
        ("production key for payments", "Who answers for the key?"),
        ("quick test for genomics, a%da@example.edu", "which handle"),
        ("quick test for genomics, taken@example.edu", "is another researcher's"),
        ("quick test for genomics, shared@example.edu", "one, two have the same"),
    ])
    func `what is left open is asked after, and nothing is done`(words: String, question: String) async throws {
        let home = try OperatorHome()
        #expect(try await home.admin("database init").isSuccess)
        for (handle, email) in [
            ("taken", "other@example.edu"), ("ada", "a@example.edu"), ("one", "shared@example.edu"),
            ("two", "shared@example.edu"),
        ] {
            let line = "researchers add \(handle) --name N --email \(email) --project p"
            #expect(try await home.admin(line).isSuccess)
        }
        let outcome = try await home.admin(["provision", words, "--yes"])
        #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(question), "\(outcome.errors)")
        #expect(!(try await home.admin("keys list --format json").output.contains("\"id\"")))
    }

    @Test(.enabled(if: Account.isThere))
    func `long-term words make an IAM user, when they say for whom`() async throws {
        try await Account.with { account in
            let words = ["provision", "production key for payments in us-west-2, ada@example.edu"]
            let program = Checkout.program("admin")
            let done = try await account.run(program, words + ["--yes"], [:])
            #expect(done.exitCode == 0, "\(done.errors)")
            #expect(Account.key(done.output)["AWS_REGION"] == "us-west-2")
            #expect(done.errors.contains("kind: long-term"))
            let command = "will run: admin iam create payments --owner ada@example.edu --region us-west-2"
            #expect(done.errors.contains(command), "\(done.errors)")
        }
    }
}
