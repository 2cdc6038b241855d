import BursarFoundation
import TestSupport
import Testing

/// Policies that are on the role already when sessions are ended, and those that one key's end leaves alone.
@Suite(.enabled(if: Account.isThere), .serialized)
struct SessionDenyTests {
    private func deny(_ handle: String, before: Date) -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"#
            + #""DateLessThan":{"aws:TokenIssueTime":["\#(before.formatted(.iso8601))"]},"#
            + #""StringLike":{"aws:userid":["*:\#(handle)"]}}}]}"#
    }

    private func names(_ account: Account) async throws -> String {
        try await account.iam("list-role-policies --role-name bedrock")
    }

    @Test func `denies whose sessions are all over go, those that matter and those of others' making stay`()
        async throws
    {
        try await Account.with { account in
            try await account.addAda()
            try await account.put("bursar-end-old", deny("old", before: Date() - 13 * 3600))
            try await account.put("bursar-end-bob", deny("bob", before: Date() - 11 * 3600))
            // By the name old, and another's by what it denies.
            try await account.put("bursar-end-eve", deny("mallory", before: Date() - 99 * 3600))
            let listed = try await account.admin("sessions denies", changes: Account.role)
            #expect(listed.output.contains("over") && listed.output.contains("foreign"), "\(listed.output)")
            let ended = try await account.admin("sessions end ada --yes", changes: Account.role)
            #expect(ended.errors.contains("removed from role bedrock") && ended.exitCode == 0, "\(ended.errors)")
            let names = try await names(account)
            #expect(!names.contains("bursar-end-old"))
            for stays in ["ada", "bob", "eve"] { #expect(names.contains("bursar-end-\(stays)")) }
            #expect(names.contains("use"))
        }
    }

    @Test func `a policy of that name which another operator wrote is left alone`() async throws {
        try await Account.with { account in
            try await account.addAda()
            try await account.put("bursar-end-ada", deny("mallory", before: Date()))
            for words in ["sessions end ada --yes", "sessions allow ada --yes"] {
                let refused = try await account.admin(words, changes: Account.role)
                #expect(refused.isRefusal && refused.errors.contains("left alone"), "\(refused.errors)")
            }
            #expect(
                try await account.iam("get-role-policy --role-name bedrock --policy-name bursar-end-ada")
                    .contains("mallory")
            )
            #expect(try await account.column("SELECT count(*) FROM records WHERE kind = 'sessions_allowed'") == "0")
            #expect(try await account.column("SELECT count(*) FROM records WHERE kind = 'aws_changed'") == "0")
        }
    }

    @Test func `without room it is refused with the remedy, unless outdated denies make some`() async throws {
        try await Account.with { account in
            try await account.addAda()
            // moto doesn't count: what is left is for the program to know.
            let filler = String(repeating: "x", count: 9860)
            try await account.put(
                "wide",
                #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::\#(filler)"}]}"#
            )
            let full = try await account.admin("sessions end ada --yes", changes: Account.role)
            #expect(full.isRefusal && full.errors.contains("no room for another inline policy"), "\(full.errors)")
            #expect(full.errors.contains("make its own inline policies managed ones"))
            #expect(try await !names(account).contains("bursar-end"))

            let smaller = String(repeating: "x", count: 9500)
            try await account.put(
                "wide",
                #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::\#(smaller)"}]}"#
            )
            try await account.put("bursar-end-old", deny("old", before: Date() - 13 * 3600))
            let ended = try await account.admin("sessions end ada --yes", changes: Account.role)
            #expect(ended.exitCode == 0, "\(ended.errors)")
            #expect(try await !names(account).contains("bursar-end-old"))
        }
    }

    @Test func `a later deny of another operator's stays`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let later = Date() + 600
            try await account.put("bursar-end-ada", deny("ada", before: later))
            #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
            let listed = try await account.admin("sessions denies --format json", changes: Account.role)
            #expect(try decoded(listed.output, as: [Deny].self).map(\.before) == [later.formatted(.iso8601)])
        }
    }

    @Test func `it is lifted by name, on record, and only after a yes`() async throws {
        try await Account.with { account in
            try await account.addAda()
            #expect(try await account.admin("sessions allow ada", changes: Account.role).errors.contains("no sessions"))
            #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
            #expect(try await account.admin("sessions allow ada", changes: Account.role).isRefusal)
            let lifted = try await account.admin("sessions allow ada --yes", changes: Account.role)
            #expect(lifted.exitCode == 0 && lifted.errors.contains("removed bursar-end-ada"), "\(lifted.errors)")
            #expect(try await !names(account).contains("bursar-end-ada"))
            #expect(
                try await account.column("SELECT count(*) FROM records WHERE kind = 'sessions_allowed'") == "1"
            )
            let none = try await account.admin("sessions denies", changes: Account.role)
            #expect(none.exitCode == 0 && none.errors.contains("no sessions are denied"))
            #expect(try await account.admin("sessions list").errors.contains("no session is alive"))
        }
    }

    // MARK: keys revoke --end-sessions

    private let revoking = "--reason lost --end-sessions --yes"

    @Test func `a revoked key's sessions end by their name, and another key's go on`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let (lost, kept) = (try await account.issueKey(), try await account.issueKey())
            let settings = Account.role.merging(["BURSAR_SOURCE_IDENTITY": "yes"]) { $1 }
            let revoked = try await account.admin("keys revoke \(lost) \(revoking)", changes: settings)
            #expect(
                revoked.exitCode == 0 && revoked.errors.contains(", of key \(lost) (bursar-end-ada)"),
                "\(revoked.errors)"
            )
            let reading = "get-role-policy --role-name bedrock --output json --policy-name bursar-end-ada"
            let policy = try await account.iam(reading)
            #expect(policy.contains("\"*:ada+\(lost)\"") && !policy.contains("\"*:ada\"") && !policy.contains(kept))
            #expect(!policy.contains("SourceIdentity") && !policy.contains("PrincipalTag"))
            let denies = try await account.admin("sessions denies", changes: settings)
            #expect(denies.output.contains("of key \(lost)"), "\(denies.output)")
            // Then all of them: both are one deny.
            #expect(try await account.admin("sessions end ada --yes", changes: settings).exitCode == 0)
            let whole = try await account.iam(reading)
            #expect(
                whole.contains("\"*:ada\"") && whole.contains("\"*:ada+\(lost)\"") && whole.contains("SourceIdentity")
            )
            let listed: [Deny] = try decoded(
                try await account.admin("sessions denies --format json", changes: settings).output
            )
            #expect(listed.map(\.sessions) == ["all"])
        }
    }

    @Test func `where sessions go by the handle, their tags say which are a revoked key's`() async throws {
        try await Account.with { account in
            try await account.addAda()
            let (lost, kept) = (try await account.issueKey(), try await account.issueKey())
            let settings = Account.role.merging(["BURSAR_SESSION_TAGS": "yes", "BURSAR_SESSION_NAME": "handle"]) { $1 }
            let revoked = try await account.admin("keys revoke \(lost) \(revoking)", changes: settings)
            #expect(revoked.exitCode == 0, "\(revoked.errors)")
            #expect(revoked.errors.contains("less those of 1 other key"))
            let policy = try await account.iam(
                "get-role-policy --role-name bedrock --output json --policy-name bursar-end-ada"
            )
            #expect(policy.contains("StringNotEquals") && policy.contains("\"\(kept)\""))
            // Its sessions of before the setting, too.
            #expect(policy.contains("\"*:ada\"") && policy.contains("\"*:ada+\(lost)\""))
            #expect(try await account.column("SELECT sessions_valid_from IS NULL FROM researchers") == "1")
            #expect(try await account.column("SELECT revoked_at > 0 FROM keys WHERE id = '\(lost)'") == "1")
            // Then all of them: the two denies become one.
            #expect(try await account.admin("sessions end ada --yes", changes: settings).exitCode == 0)
            let whole = try await account.iam(
                "get-role-policy --role-name bedrock --output json --policy-name bursar-end-ada"
            )
            #expect(!whole.contains("StringNotEquals"))
        }
    }

    @Test(arguments: ["handle", "HANDLE+KEY"])
    func `where neither names nor tags tell keys apart all of the researcher's sessions end, with a note`(
        form: String
    ) async throws {
        try await Account.with { account in
            try await account.addAda()
            let (lost, kept) = (try await account.issueKey(), try await account.issueKey())
            let settings = Account.role.merging(["BURSAR_SESSION_NAME": form]) { $1 }
            let revoked = try await account.admin("keys revoke \(lost) \(revoking)", changes: settings)
            #expect(revoked.exitCode == 0, "\(revoked.errors)")
            #expect(revoked.errors.contains("all sessions of ada will end"))
            #expect(try await account.column("SELECT sessions_valid_from > 0 FROM researchers") == "1")
            #expect(try await account.column("SELECT revoked_at IS NULL FROM keys WHERE id = '\(kept)'") == "1")
            #expect(try await names(account).contains("bursar-end-ada"))
        }
    }

    @Test func `a run that was cut off after the revocation goes on, and so does one that may look at nothing`()
        async throws
    {
        try await Account.with { account in
            try await account.addAda()
            let lost = try await account.issueKey()
            let words = "keys revoke \(lost) \(revoking)"
            let clerk = Account.role.merging(account.clerk) { $1 }
            #expect(try await account.admin(words, changes: clerk).errors.contains("may not iam:GetRole"))
            #expect(try await account.column("SELECT revoked_at > 0 FROM keys") == "1")
            let reader = Account.role.merging(account.reader) { $1 }
            let cut = try await account.admin(words, changes: reader)
            #expect(cut.isRefusal && cut.errors.contains("may not iam:PutRolePolicy"), "\(cut.errors)")
            #expect(try await account.column("SELECT revoked_at > 0 FROM keys") == "1")
            let again = try await account.admin(words, changes: Account.role)
            #expect(again.exitCode == 0 && again.errors.contains("was revoked already"), "\(again.errors)")
            #expect(try await names(account).contains("bursar-end-ada"))
        }
    }
}
