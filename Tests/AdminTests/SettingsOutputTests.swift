import BursarConsole
import BursarFoundation
import Deployment
import SystemPackage
import TestSupport
import Testing

@testable import admin

/// The files that `apply --output` may write over.
struct ExistingSettingsFileTests {
    @Test(arguments: [
        ("database: /var/lib/bursar/bursar.sqlite\n", "database"), ("http:\n  host: 0.0.0.0\n", "http"),
        ("role:\n  arn: \"x\"\n  session: 1h\n", "role.session"), ("# the lab's\nregion: us-east-1\n", "comments"),
        ("AWS_SECRET_ACCESS_KEY=hush\n", "AWS_SECRET_ACCESS_KEY"), ("BURSAR_REGION=x\nhush hush\n", "lines that"),
        ("{\"settings\": {\"BURSAR_DATABASE\": \"x\"}, \"outputs\": {}}", "BURSAR_DATABASE"), ("{}", "JSON"),
    ])
    func `a file with more than apply writes is left as it is, before anything is made`(
        text: String,
        named: String
    ) async throws {
        try await StackAccount.with(story: "new") { account in
            let file = account.home + "/settings"
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let refused = try await account.aws("apply --yes --output \(file)")
            #expect(refused.isRefusal && refused.errors.contains("holds \(named)"), "\(refused.errors)")
            #expect(!refused.errors.contains("hush") && refused.errors.contains("hint: "))
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
            let plan = try await account.aws("plan")
            #expect(plan.isSuccess && plan.errors.contains("2 to add"), "\(plan.errors)")
        }
    }

    @Test(arguments: ["env", "yaml", "json"])
    func `an earlier apply's file is replaced, and its readers can still read it`(format: String) async throws {
        try await StackAccount.with(story: "empty") { account in
            let file = account.home + "/settings"
            let first = try await account.aws("apply --yes --output \(file) --format \(format)")
            #expect(first.isSuccess, "\(first.errors)")
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            let again = try await account.aws("apply --yes --output \(file) --format yaml")
            #expect(again.isSuccess, "\(again.errors)")
            #expect(try FilePath(file).stat().permissions == [.ownerReadWrite, .groupRead])
            #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("role:\n  arn: "))
        }
    }

    @Test func `settings that are no longer in the file are named`() async throws {
        try await StackAccount.with(story: "empty") { account in
            let file = account.home + "/bursar.env"
            try "BURSAR_ALLOW=192.0.2.0/24\n".write(toFile: file, atomically: true, encoding: .utf8)
            let applied = try await account.aws("apply --yes --output \(file)")
            #expect(applied.isSuccess && applied.errors.contains("no longer has: BURSAR_ALLOW"), "\(applied.errors)")
        }
    }
}

/// The server's settings that follow from a stack's outputs.
struct SettingsFormatTests {
    @Test(arguments: SettingsFormat.allCases, ["a\nBURSAR_INSECURE_HTTP=yes", "a\u{1B}[2J", "a\u{9B}2J", "a\u{202E}b"])
    func `an output that isn't one line of text makes no settings`(_ format: SettingsFormat, _ value: String) throws {
        #expect(throws: UserFacingError.self) { try format.text(StackOutputs(["ExternalId": value])) }
        #expect(try format.text(StackOutputs(["ExternalId": "a:b/c"])).contains("a:b/c"))
    }
}
