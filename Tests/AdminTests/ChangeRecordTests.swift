import BursarFoundation
import Subprocess
import TestSupport
import Testing

/// Changes of `admin` in AWS are on the operator's own record, and no database stands in a deletion's way.
@Suite(.enabled(if: Account.isThere), .serialized)
struct ChangeRecordTests {
    private struct Row: Decodable {
        let kind: String
        let actor: String
        let detail: String
    }

    private struct Rows: Decodable {
        let rows: [Row]
    }

    private func changes(_ account: Account) async throws -> [String] {
        let listed = try await account.admin("audit list --kind aws_changed --format json")
        let rows = try decoded(listed.output, as: Rows.self).rows
        #expect(rows.allSatisfy { $0.actor.contains("@") })
        return rows.reversed().map(\.detail)
    }

    @Test func `each change of a long-term key and its user is on record, with its actor`() async throws {
        try await Account.with { account in
            #expect(try await account.admin("database init").exitCode == 0)
            let made = try await account.admin("iam create payments --owner ada@example.edu")
            try #require(made.exitCode == 0, "\(made.errors)")
            let first = try #require(Account.key(made.output)["AWS_ACCESS_KEY_ID"])
            let rotated = try await account.admin("iam rotate payments")
            let second = try #require(Account.key(rotated.output)["AWS_ACCESS_KEY_ID"], "\(rotated.errors)")
            #expect(try await account.admin("iam delete payments --key older --yes").exitCode == 0)
            #expect(try await account.admin("iam delete payments --yes").exitCode == 0)
            let name = "payments-bedrock-user"
            let expected = [
                "iam:CreateUser \(name)", "iam:PutUserPolicy bursar-bedrock-invoke of \(name)",
                "iam:CreateAccessKey \(first) of \(name)", "iam:CreateAccessKey \(second) of \(name)",
                "iam:DeleteAccessKey \(first) of \(name)", "iam:DeleteAccessKey \(second) of \(name)",
                "iam:DeleteUserPolicy bursar-bedrock-invoke of \(name)", "iam:DeleteUser \(name)",
            ]
            #expect(try await changes(account) == expected.map { $0 + ", account 123456789012" })
            #expect(try await account.admin("audit verify").exitCode == 0)
        }
    }

    @Test func `sessions that are ended and let go on again are two changes of the role`() async throws {
        try await Account.with { account in
            try await account.addAda()
            #expect(try await account.admin("sessions end ada --yes", changes: Account.role).exitCode == 0)
            #expect(try await account.admin("sessions allow ada --yes", changes: Account.role).exitCode == 0)
            let role = "arn:aws:iam::123456789012:role/bedrock, account 123456789012"
            #expect(
                try await changes(account) == [
                    "iam:PutRolePolicy bursar-end-ada on role \(role)",
                    "iam:DeleteRolePolicy bursar-end-ada on role \(role)",
                ]
            )
        }
    }

    @Test func `a stack's making and deletion are on record`() async throws {
        try await StackAccount.withMoto { account in
            let database = account.home + "/db.sqlite"
            let own = ["BURSAR_DATABASE": database]
            let admin = Checkout.program("admin")
            #expect(try await account.run(admin, ["database", "init"], own).isSuccess)
            #expect(try await account.aws("apply --yes", changes: own).isSuccess)
            #expect(try await account.aws("destroy --yes", changes: own).isSuccess)
            let words = ["audit", "list", "--kind", "aws_changed", "--format", "json"]
            let rows = try decoded(try await account.run(admin, words, own).output, as: Rows.self).rows
            let calls = rows.reversed().map { $0.detail.prefix { $0 != " " } }
            #expect(calls.contains("cloudformation:ExecuteChangeSet"), "\(calls)")
            #expect(calls.last == "cloudformation:DeleteStack", "\(calls)")
        }
    }

    @Test func `without a database the work is done, with one note that it isn't on record`() async throws {
        try await Account.with { account in
            let made = try await account.admin("iam create payments --owner ada@example.edu --full")
            #expect(made.exitCode == 0 && made.output.contains("AWS_SECRET_ACCESS_KEY"), "\(made.errors)")
            #expect(made.errors.split(separator: "no database at ").count == 2, "\(made.errors)")
            #expect(!(try await account.admin("iam list").errors.contains("no database")))
        }
    }

    @Test func `a record that can't be written stops a new key, and no deletion`() async throws {
        try await Account.with { account in
            #expect(try await account.admin("iam create payments --owner ada@example.edu").exitCode == 0)
            try FileManager.default.createDirectory(atPath: account.home + "/state", withIntermediateDirectories: true)
            try Data("not a database, and long enough to be looked into".utf8)
                .write(to: URL(filePath: account.database))
            let made = try await account.admin("iam create orders --owner ada@example.edu")
            #expect(made.isRefusal && made.errors.contains("can't be put on record"), "\(made.errors)")
            #expect(!(try await account.iam("list-users").contains("orders-bedrock-user")))
            let extra = try await account.admin("iam rotate payments")
            #expect(extra.isRefusal && extra.errors.contains("can't be put on record"), "\(extra.errors)")
            let deleted = try await account.admin("iam delete payments --yes")
            #expect(deleted.isRefusal && deleted.errors.contains("not on record"), "\(deleted.errors)")
            #expect(deleted.errors.contains("deleted the user payments-bedrock-user"))
            #expect(!(try await account.iam("list-users").contains("payments-bedrock-user")))
        }
    }
}
