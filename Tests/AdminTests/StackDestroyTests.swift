import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// `admin aws destroy` where it can't, and people at a terminal.
struct StackDestroyTests {
    @Test func `a deletion that fails names the resource, and ended sessions stay ended`() async throws {
        try await StackAccount.with(story: "deletefails") { account in
            let failed = try await account.aws("destroy --yes")
            #expect(failed.isRefusal, "\(failed.errors)")
            #expect(failed.errors.contains("BedrockRole (AWS::IAM::Role) failed: Cannot delete entity"))
            #expect(failed.errors.contains("admin aws destroy goes on"))
            let calls = try await account.calls()
            #expect(calls.firstIndex(of: "DeleteRolePolicy") != nil && calls.contains("PutRolePolicy"))
            #expect(failed.errors.contains("put bursar-end-ada back"))
        }
    }

    @Test func `a deletion that is refused leaves ended sessions ended`() async throws {
        try await StackAccount.with(story: "denied-DeleteStack") { account in
            let refused = try await account.aws("destroy --yes")
            #expect(refused.isRefusal && refused.errors.contains("may not cloudformation:DeleteStack"))
            #expect(refused.errors.contains("put bursar-end-ada back"), "\(refused.errors)")
        }
    }

    @Test func `a policy that changed since it was read stays, and so does the stack`() async throws {
        try await StackAccount.with(story: "swapped") { account in
            let refused = try await account.aws("destroy --yes")
            #expect(refused.isRefusal && refused.errors.contains("was changed meanwhile"), "\(refused.errors)")
            let calls = try await account.calls()
            #expect(!calls.contains("DeleteStack") && !calls.contains("DeleteRolePolicy"))
        }
    }

    @Test func `a stack's protection from deletion is taken back just before, and comes back when that fails`()
        async throws
    {
        try await StackAccount.with(story: "protected") { account in
            let gone = try await account.aws("destroy --yes")
            #expect(gone.exitCode == 0 && gone.errors.contains("the stack bursar is gone"), "\(gone.errors)")
            let calls = try await account.calls()
            let change = try #require(calls.firstIndex(of: "UpdateTerminationProtection"))
            #expect(try change < #require(calls.firstIndex(of: "DeleteStack")))
        }
        try await StackAccount.with(story: "protectedfails") { account in
            let failed = try await account.aws("destroy --yes")
            #expect(failed.isRefusal && failed.errors.contains("failed: Cannot delete entity"), "\(failed.errors)")
            #expect(try await account.calls().count { $0 == "UpdateTerminationProtection" } == 2)
        }
        // Nobody has agreed, so it stays protected.
        try await StackAccount.with(story: "protected") { account in
            let unasked = try await account.aws("destroy")
            #expect(unasked.isRefusal, "\(unasked.errors)")
            #expect(try await !account.calls().contains("UpdateTerminationProtection"))
        }
    }

    @Test(arguments: [
        ("policies", "", "has policies that are not the stack's: backdoor"),
        ("volume", " --delete-volume", "is attached to an instance, so nothing was deleted"),
        ("state-UPDATE_IN_PROGRESS", "", "is being changed already"),
        ("denied-GetTemplate", "", "may not cloudformation:GetTemplate"),
    ])
    func `what can't be deleted is refused before anything is`(
        story: String,
        options: String,
        problem: String
    ) async throws {
        try await StackAccount.with(story: story) { account in
            let refused = try await account.aws("destroy --yes" + options)
            #expect(refused.isRefusal && refused.errors.contains(problem), "\(refused.errors)")
            let calls = try await account.calls()
            #expect(!calls.contains("DeleteStack") && !calls.contains("DeleteRolePolicy"))
        }
    }
}

/// Questions and Ctrl-C, in a real terminal emulator.
@Suite(.enabled(if: (try? FilePath("/usr/bin/tmux").stat()) != nil))
struct StackTerminalTests {
    @Test(arguments: ["keys:n", "keys:C-c", "signal:SIGTERM"])
    func `no means no, and nothing is left of the plan`(answer: String) async throws {
        try await StackAccount.with(story: "new") { account in
            let end = answer == "keys:n" ? ["keys:Enter"] : []
            let screens = try await account.screens(["wait:[y/N]", answer] + end + ["wait:exit 1", "shot"], "apply")
            #expect(screens[0].contains("stopped; nothing was changed"), "\(screens[0])")
            let calls = try await account.calls()
            #expect(calls.contains("DeleteChangeSet") && calls.contains("DeleteStack"), "\(calls)")
            #expect(!calls.contains("ExecuteChangeSet"))
        }
    }

    @Test(arguments: ["plan", "apply"])
    func `Ctrl-C while AWS works a plan out leaves nothing of it, and says so`(command: String) async throws {
        try await StackAccount.with(story: "endless") { account in
            // Wherever it is by then, it is before AWS begins.
            let steps = ["wait:acting as", "keys:C-c", "wait:exit 1", "shot"]
            let screens = try await account.screens(steps, command)
            #expect(screens[0].contains("stopped; nothing was changed"), "\(screens[0])")
            #expect(screens[0].contains("admin aws \(command) begins again"), "\(screens[0])")
            let calls = try await account.calls()
            #expect(calls.contains("CreateChangeSet") == calls.contains("DeleteChangeSet"), "\(calls)")
        }
    }

    @Test func `yes makes it`() async throws {
        try await StackAccount.with(story: "new") { account in
            let steps = ["wait:[y/N]", "keys:y", "keys:Enter", "wait:exit 0", "shot"]
            let screens = try await account.screens(steps, "apply")
            #expect(screens[0].contains("BURSAR_ROLE_ARN="), "\(screens[0])")
        }
    }

    @Test func `an interrupted apply says that AWS goes on, and how to watch`() async throws {
        try await StackAccount.with(story: "forever") { account in
            let steps = ["wait:UPDATE_IN_PROGRESS bursar", "keys:C-c", "wait:exit 1", "shot"]
            let screens = try await account.screens(steps, "apply --yes")
            #expect(screens[0].contains("stopped; AWS goes on with the stack bursar by itself"), "\(screens[0])")
            #expect(screens[0].contains("admin aws status --watch"))
            #expect(try await account.calls().contains("CancelUpdateStack") == false)
        }
    }

    @Test func `an interrupted destroy warns of sessions that it can't vouch for`() async throws {
        try await StackAccount.with(story: "deleteforever") { account in
            let steps = ["wait:DELETE_IN_PROGRESS bursar", "keys:C-c", "wait:exit 1", "shot"]
            let screens = try await account.screens(steps, "destroy --yes")
            #expect(screens[0].contains("sessions that were ended may work again: ada"), "\(screens[0])")
            #expect(try await !account.calls().contains("PutRolePolicy"))
        }
    }

    @Test(arguments: [("bursar", "the stack bursar is gone"), ("yes", "stopped; nothing was changed")])
    func `destroy wants the stack's name typed`(typed: String, said: String) async throws {
        try await StackAccount.with(story: "volume") { account in
            let steps = ["wait:type bursar to go on", "keys:" + typed, "keys:Enter", "wait:exit", "shot"]
            let screens = try await account.screens(steps, "destroy")
            #expect(screens[0].contains(said), "\(screens[0])")
            #expect(try await account.calls().contains("DeleteStack") == (typed == "bursar"))
        }
    }

    @Test func `a deletion that is running is watched to its end`() async throws {
        try await StackAccount.with(story: "state-DELETE_IN_PROGRESS") { account in
            let screens = try await account.screens(
                ["wait:watching that", "keys:C-c", "wait:exit", "shot"],
                "destroy --yes"
            )
            #expect(screens[0].contains("AWS goes on with the stack bursar by itself") && screens[0].contains("exit 1"))
        }
    }
}
