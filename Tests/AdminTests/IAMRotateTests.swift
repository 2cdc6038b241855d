import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// `admin iam rotate`, `age` and `delete`, against moto.
@Suite(.enabled(if: Account.isThere), .serialized)
struct IAMRotateTests {
    private func made(_ account: Account, _ unit: String) async throws -> [String: String] {
        let outcome = try await account.admin("iam create \(unit) --owner ada@example.edu")
        return Account.key(try #require(outcome.isSuccess ? outcome.output : nil, "\(outcome.errors)"))
    }

    @Test func `the old key stays until the new one is in use`() async throws {
        try await Account.with { account in
            let none = try await account.admin("iam rotate payments")
            #expect(none.isRefusal && none.errors.contains("there is no IAM user payments-bedrock-user"))
            let old = try await made(account, "payments")
            let early = try await account.admin("iam rotate payments --finish --yes")
            #expect(early.isRefusal && early.errors.contains("nothing to finish"))

            let rotated = try await account.admin("iam rotate payments")
            #expect(rotated.exitCode == 0, "\(rotated.errors)")
            #expect(rotated.errors.contains("AWS takes the new key"))
            let new = Account.key(rotated.output)
            let keys = try await account.iam("list-access-keys --user-name payments-bedrock-user")
            for key in [old, new] { #expect(keys.contains(try #require(key["AWS_ACCESS_KEY_ID"]))) }

            let third = try await account.admin("iam rotate payments")
            #expect(third.isRefusal && third.errors.contains("AWS allows no third"))
            let unused = try await account.admin("iam rotate payments --finish --yes")
            #expect(unused.isRefusal && unused.errors.contains("has not been used yet"))

            // Denied, and yet a use: IAM remembers it.
            #expect(try await account.admin("iam list", changes: new).isRefusal)
            let asked = try await account.admin("iam rotate payments --finish")
            #expect(asked.isRefusal && asked.errors.contains("add --yes"), "\(asked.errors)")
            let finished = try await account.admin("iam rotate payments --finish --yes")
            #expect(finished.exitCode == 0, "\(finished.errors)")
            let left = try await account.iam("list-access-keys --user-name payments-bedrock-user")
            #expect(!left.contains(try #require(old["AWS_ACCESS_KEY_ID"])))
            #expect(left.contains(try #require(new["AWS_ACCESS_KEY_ID"])))
        }
    }

    @Test(arguments: ["env", "json", "aws-configure"])
    func `a key that isn't used yet is proved from its file`(format: String) async throws {
        try await Account.with { account in
            _ = try await made(account, "payments")
            let file = account.home + "/new"
            let rotated = try await account.admin("iam rotate payments --format \(format) --key-file", file)
            #expect(rotated.exitCode == 0 && rotated.output.isEmpty, "\(rotated.errors)")
            let right = try String(contentsOfFile: file, encoding: .utf8)

            try PrivateText.write("nothing", to: file)
            let empty = try await account.admin("iam rotate payments --finish --yes --key-file", file)
            #expect(empty.isRefusal && empty.errors.contains("holds no key"))
            try PrivateText.write("AWS_ACCESS_KEY_ID=AKIAOTHER\nAWS_SECRET_ACCESS_KEY=x", to: file)
            let other = try await account.admin("iam rotate payments --finish --yes --key-file", file)
            #expect(other.isRefusal && other.errors.contains("another key"))
            try PrivateText.write(right, to: file)
            let finished = try await account.admin("iam rotate payments --finish --yes --key-file", file)
            #expect(finished.exitCode == 0, "\(finished.errors)")
        }
    }

    @Test func `old keys are pointed out, and the exit code says so`() async throws {
        try await Account.with { account in
            let id = try #require(try await made(account, "payments")["AWS_ACCESS_KEY_ID"])
            let young = try await account.admin("iam age --format json")
            #expect(young.exitCode == 0 && young.output.contains("\"ageDays\" : 0"), "\(young.errors)")
            let old = try await account.admin("iam age --warn 0d")
            #expect(old.exitCode == 1)
            #expect(old.errors.contains("admin iam rotate payments") && old.output.contains("payments-bedrock-user"))
            #expect(!old.output.contains(id) && !old.errors.contains(id))
            #expect(try await account.admin("iam age --warn soon").isRefusal)
        }
    }

    @Test func `deleting asks, and takes keys and policies along`() async throws {
        try await Account.with { account in
            let id = try #require(try await made(account, "payments")["AWS_ACCESS_KEY_ID"])
            let asked = try await account.admin("iam delete payments")
            #expect(asked.isRefusal && asked.errors.contains("add --yes"))
            #expect(try await account.admin("iam delete payments --key AKIAZZZ --yes").isRefusal)
            _ = try await account.admin("iam rotate payments")
            let both = try await account.admin("iam delete payments --key A --yes")
            #expect(both.isRefusal && both.errors.contains("--key older or newer"))
            let one = try await account.admin("iam delete payments --yes --key", id)
            #expect(one.exitCode == 0, "\(one.errors)")
            #expect(!(try await account.iam("list-access-keys --user-name payments-bedrock-user").contains(id)))
            let all = try await account.admin("iam delete payments --yes")
            #expect(all.exitCode == 0 && all.errors.contains("and its 1 key"), "\(all.errors)")
            #expect(!(try await account.iam("list-users").contains("payments")))
            let gone = try await account.admin("iam delete payments --yes")
            #expect(gone.isRefusal && gone.errors.contains("admin iam list"))
        }
    }

    @Test(arguments: ["500", "rubbish", "nothing"])
    func `a key that may exist although nobody holds it is reported`(answer: String) async throws {
        try await Account.with { account in
            #expect(try await account.admin("iam create payments --owner ada@example.edu").exitCode == 0)
            let script = Checkout.root + "Tests/AdminTests/Peers/unclear_answer.py"
            let command = [Checkout.program("admin"), "iam", "rotate", "payments"]
            let outcome = try await account.run("/usr/bin/env", ["python3", script, answer] + command, [:])
            #expect(outcome.output.contains("payments-bedrock-user may have been made that has no holder"))
            #expect(outcome.output.contains("admin iam show payments") && outcome.output.contains("exit 1"))
        }
    }

    @Test func `stopped before the new key is handed over, it deletes that key and says so`() async throws {
        try await Account.with { account in
            #expect(try await account.admin("iam create payments --owner ada@example.edu").exitCode == 0)
            let before = try await account.iam("list-access-keys --user-name payments-bedrock-user")
            let script = Checkout.root + "Tests/AdminTests/Peers/interrupted_rotation.py"
            let command = [Checkout.program("admin"), "iam", "rotate", "payments"]
            let outcome = try await account.run("/usr/bin/env", ["python3", script] + command, [:])
            #expect(outcome.output.contains("stopped before the new key was handed over"), "\(outcome.output)")
            #expect(outcome.output.contains("was deleted again") && outcome.output.contains("exit 1"))
            #expect(try await account.iam("list-access-keys --user-name payments-bedrock-user") == before)
        }
    }
}

private enum PrivateText {
    /// In place of a file that is 0600 already, and stays so.
    static func write(_ text: String, to path: String) throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .truncate)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}
