import TestSupport
import Testing

/// `creds` without `HOME`, as in a systemd unit of root's without `User=` and in some batch jobs.
struct HomelessTests {
    @Test(arguments: [["status"], ["process"], ["doctor"]])
    func `without HOME the home folder is the system's`(words: [String]) async throws {
        let profile = "no-such-profile-\(UInt64.random(in: .min ... .max))"
        let outcome = try await Program(Checkout.program("creds"), environment: ["PATH": "/usr/bin:/bin"])
            .run(words + ["--profile", profile])
        #expect(!(outcome.output + outcome.errors).contains("HOME is not set"))
        #expect((outcome.output + outcome.errors).contains("\(profile) is not installed"))
    }

    @Test func `a HOME that is empty is an error, as before`() async throws {
        let outcome = try await Program(Checkout.program("creds"), environment: ["HOME": ""]).run(["process"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.hasPrefix("creds: error: HOME is not set to a folder\n"))
    }
}
