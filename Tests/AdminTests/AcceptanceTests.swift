import BursarFoundation
import TestSupport
import Testing

/// The promises that an operator relies on, from the requirements rather than from the code.
///
/// A known issue is a rule that does not hold yet: the test fails once it does, so that the mark is taken away.
struct AcceptanceTests {
    @Test func `a stack without outputs gives a refusal, and no settings file without settings`() async throws {
        try await StackAccount.with(story: "bare") { account in
            let file = account.home + "/bursar.env"
            let outcome = try await account.aws("apply --yes --output \(file)")
            #expect(outcome.isRefusal && outcome.errors.contains("RoleArn"), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func `a settings file that says more than the stack knows keeps it, or is refused`() async throws {
        try await StackAccount.with(story: "running") { account in
            let file = account.home + "/config.yaml"
            let own = "database: /var/lib/bursar/bursar.sqlite\ntrustedProxies: 127.0.0.1/32\n"
            try own.write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await account.aws("apply --yes --format yaml --output \(file)")
            let now = try String(contentsOfFile: file, encoding: .utf8)
            #expect(now.contains("/var/lib/bursar/bursar.sqlite") && now.contains("127.0.0.1/32"), "\(now)")
        }
    }

    @Test func `a plan names the address list that isn't said again, and it stays`() async throws {
        try await StackAccount.withMoto { account in
            let made = try await account.aws("apply --yes --ip 192.0.2.0/24")
            try #require(made.isSuccess, "\(made.errors)")
            let plan = try await account.aws("plan --format json")
            try #require(plan.isSuccess, "\(plan.errors)")
            #expect(plan.errors.contains("as before: --regions us-east-1, --ip 192.0.2.0/24"), "\(plan.errors)")
        }
    }

    @Test func `two operators at once are each told how it went, and the stack is usable afterwards`() async throws {
        try await StackAccount.withMoto { account in
            async let one = account.aws("apply --yes")
            async let other = account.aws("apply --yes --max-session 2h")
            for outcome in try await [one, other] {
                let told = ["as it is asked for", "meanwhile", "being changed already"].contains {
                    outcome.errors.contains($0)
                }
                #expect(told && (outcome.isSuccess || outcome.errors.contains("hint: ")), "\(outcome.errors)")
            }
            let again = try await account.aws("apply --yes")
            #expect(again.isSuccess && again.output.hasPrefix("BURSAR_ROLE_ARN="), "\(again.errors)")
        }
    }

    @Test(arguments: ["genomics access in nowhere-7", "genomics access in useast1"])
    func `a region that there isn't is asked about, and the default doesn't take its place`(
        words: String
    ) async throws {
        let admin = Program(Checkout.program("admin"), environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"])
        let outcome = try await admin.run(["provision", words, "--dry-run", "--format", "json"])
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let reading = try JSONDecoder().decode(Reading.self, from: Data(outcome.output.utf8))
        #expect(reading.question != nil && reading.region == nil, "\(outcome.output)")
    }

    private struct Reading: Decodable {
        let region: String?
        let question: String?
    }
}
