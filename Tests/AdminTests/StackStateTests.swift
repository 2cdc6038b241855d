import BursarFoundation
import TestSupport
import Testing

/// `admin aws` where a stack is in a state that moto can't be brought into.
struct StackStateTests {
    @Test func `a failed creation names the first resource, its reason and the permission`() async throws {
        try await StackAccount.with(story: "createfails") { account in
            let failed = try await account.aws("apply --yes")
            #expect(failed.isRefusal, "\(failed.errors)")
            #expect(failed.errors.contains("error: BedrockRole (AWS::IAM::Role) failed: Resource handler returned"))
            #expect(failed.errors.contains("hint: have iam:CreateRole given"))
            #expect(failed.errors.contains("admin aws destroy, then apply again"))
            let status = try await account.aws("status")
            #expect(status.exitCode == 0 && status.output.contains("BedrockRole (AWS::IAM::Role) failed"))
            let again = try await account.aws("apply --yes")
            #expect(again.isRefusal && again.errors.contains("could never be made (ROLLBACK_COMPLETE)"))
        }
    }

    @Test func `a failed update says that the stack is as it was`() async throws {
        try await StackAccount.with(story: "update") { account in
            let failed = try await account.aws("apply --yes")
            #expect(failed.isRefusal)
            #expect(failed.errors.contains("failed: MaxSessionDuration is not a number of seconds\n"))
            #expect(failed.errors.contains("the stack is as it was before: apply again"))
        }
    }

    @Test func `a plan says what is replaced and why, page after page`() async throws {
        try await StackAccount.with(story: "slow") { account in
            let plan = try await account.aws("plan --format csv")
            #expect(plan.exitCode == 0, "\(plan.errors)")
            let lines = plan.output.split(whereSeparator: \.isNewline).map(String.init)
            #expect(
                lines.contains("change,DatabaseVolume,AWS::EC2::Volume,yes,AvailabilityZone,bursar-DatabaseVolume-1")
            )
            #expect(lines.contains { $0.hasPrefix("change,InstanceProfile,AWS::IAM::InstanceProfile,maybe,Roles") })
            #expect(lines.contains { $0.hasPrefix("change,BedrockRole,AWS::IAM::Role,no,MaxSessionDuration") })
            #expect(lines.contains { $0.hasPrefix("remove,ServerRole,AWS::IAM::Role,") })
            #expect(plan.errors.contains("0 to add, 3 to change (2 replaced by new ones), 1 to remove"))
            #expect(try await account.calls().contains("DeleteChangeSet"))
        }
    }

    @Test(arguments: [
        ("ROLLBACK_COMPLETE", "could never be made", "admin aws destroy, then apply again"),
        ("ROLLBACK_FAILED", "is half made", "admin aws destroy, then apply again"),
        ("CREATE_FAILED", "is half made", "admin aws destroy, then apply again"),
        ("UPDATE_ROLLBACK_FAILED", "and so did undoing it", "admin aws apply --continue-rollback"),
        ("DELETE_FAILED", "is deleted in part", "admin aws destroy goes on"),
        ("UPDATE_FAILED", "can't be changed as it stands", "admin aws status says more"),
        ("DELETE_IN_PROGRESS", "is being deleted", "admin aws status --watch"),
        ("UPDATE_IN_PROGRESS", "is being changed already", "admin aws status --watch"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "is being changed already", "admin aws status --watch"),
    ])
    func `a stack that can't be changed is refused with the next step`(
        status: String,
        problem: String,
        hint: String
    ) async throws {
        try await StackAccount.with(story: "state-" + status) { account in
            let refused = try await account.aws("plan")
            #expect(refused.isRefusal, "\(refused.errors)")
            #expect(
                refused.errors.contains(problem)
                    && refused.errors.contains(status == "DELETE_IN_PROGRESS" ? "" : status)
            )
            #expect(refused.errors.contains(hint))
            #expect(try await !account.calls().contains("CreateChangeSet"))
        }
    }

    @Test func `hints repeat what says where the stack is`() async throws {
        try await StackAccount.with(story: "state-DELETE_FAILED") { account in
            let refused = try await account.aws("plan --stack-name lab --region us-west-2")
            #expect(refused.errors.contains("admin aws destroy --stack-name lab --region us-west-2 goes on"))
        }
    }

    @Test func `an update whose undoing failed is undone first, when that is asked for`() async throws {
        try await StackAccount.with(story: "state-UPDATE_ROLLBACK_FAILED") { account in
            let applied = try await account.aws("apply --yes --continue-rollback")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(
                applied.errors.contains("UPDATE_ROLLBACK_COMPLETE") && applied.errors.contains("UPDATE_COMPLETE bursar")
            )
        }
    }

    @Test func `what an interrupted plan left is gone on with, and put away`() async throws {
        try await StackAccount.with(story: "review") { account in
            let plan = try await account.aws("plan")
            #expect(plan.exitCode == 0, "\(plan.errors)")
            #expect(plan.errors.contains("has been planned before and never made"))
            let destroyed = try await account.aws("destroy --yes")
            #expect(destroyed.exitCode == 0 && destroyed.errors.contains("the stack bursar is gone"))
        }
        try await StackAccount.with(story: "reviewforeign") { account in
            let refused = try await account.aws("plan")
            #expect(refused.isRefusal && refused.errors.contains("was not made by admin"))
        }
    }

    @Test func `apply watches what is running already, and then goes on`() async throws {
        try await StackAccount.with(story: "running") { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(applied.errors.contains("watching that first") && applied.errors.contains("no change"))
        }
        try await StackAccount.with(story: "running") { account in
            let watched = try await account.aws("status --watch")
            #expect(watched.exitCode == 0 && watched.errors.contains("UPDATE_COMPLETE bursar"))
            let idle = try await account.aws("status --watch")
            #expect(idle.exitCode == 0 && idle.errors.contains("nothing is running"))
        }
    }

    @Test(arguments: [
        ("obsolete", "another operator changed the stack bursar meanwhile"),
        ("exists", "another operator changed the stack bursar meanwhile"),
        ("raced", "is being changed already (UPDATE_IN_PROGRESS"),
        ("bad", "CloudFormation can't do this: Template error"),
        ("denied-DescribeStacks", "may not cloudformation:DescribeStacks"),
        ("denied-CreateChangeSet", "may not cloudformation:CreateChangeSet"),
        ("denied-DescribeChangeSet", "may not cloudformation:DescribeChangeSet"),
        ("denied-DescribeStackEvents", "may not cloudformation:DescribeStackEvents"),
        ("denied-ExecuteChangeSet", "may not cloudformation:ExecuteChangeSet"),
        ("throttled-always", "too many calls to cloudformation:DescribeStacks"),
    ])
    func `the cause that stops an apply is printed, and no change set is left`(story: String, problem: String)
        async throws
    {
        try await StackAccount.with(story: story) { account in
            let refused = try await account.aws("apply --yes")
            #expect(refused.isRefusal && refused.errors.contains(problem), "\(refused.errors)")
            let calls = try await account.calls()
            let isMade =
                calls.contains("CreateChangeSet") && !["exists", "raced", "denied-CreateChangeSet"].contains(story)
            #expect(calls.contains("DeleteChangeSet") == isMade, "\(calls)")
        }
    }

    @Test(arguments: ["throttled", "watched"])
    func `throttling that passes only takes longer`(story: String) async throws {
        try await StackAccount.with(story: story) { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(applied.output.contains("BURSAR_ROLE_ARN="))
        }
    }

    @Test func `an apply protects the stack from deletion, and only warns where it may not`() async throws {
        try await StackAccount.with(story: "new") { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(try await account.calls().last == "UpdateTerminationProtection")
        }
        try await StackAccount.with(story: "denied-UpdateTerminationProtection") { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0 && applied.output.contains("BURSAR_ROLE_ARN="), "\(applied.errors)")
            #expect(
                applied.errors.contains("is not protected from deletion: these credentials may not cloudformation:")
            )
        }
    }

    @Test(arguments: [
        ("", "BURSAR_ROLE_ARN=", "next: give them"), ("bursar.env", "BURSAR_ROLE_ARN=", "next: give bursar.env"),
        ("bursar.yaml", "role:\n", "/etc/bursar/config.yaml"), ("bursar.yml", "role:\n", "/etc/bursar/config.yaml"),
        ("bursar.json", "{\n", "next: admin aws user-data --outputs"),
    ])
    func `an apply ends with what comes next, and a file's name says its form`(
        file: String,
        begin: String,
        next: String
    )
        async throws
    {
        try await StackAccount.with(story: "new") { account in
            let path = account.home + "/" + file
            let applied = try await account.aws("apply --yes" + (file.isEmpty ? "" : " --output \(path)"))
            #expect(applied.exitCode == 0, "\(applied.errors)")
            let text = file.isEmpty ? applied.output : try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix(begin), "\(text)")
            let said = applied.errors.replacing(account.home + "/", with: "")
            #expect(said.contains(next) && said.contains("admin: next: "), "\(said)")
        }
    }

    @Test func `a lost answer to the execution is no second execution`() async throws {
        try await StackAccount.with(story: "lostonce") { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(try await account.calls().count { $0 == "ExecuteChangeSet" } == 2)
        }
        try await StackAccount.with(story: "lost") { account in
            let unknown = try await account.aws("apply --yes")
            #expect(unknown.isRefusal && unknown.errors.contains("it may have begun"))
            #expect(unknown.errors.contains("admin aws status --watch"))
        }
    }

    @Test func `what was changed by hand is warned of, and named`() async throws {
        try await StackAccount.with(story: "drifted") { account in
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0)
            #expect(applied.errors.contains("warning: BedrockRole was changed by hand: /MaxSessionDuration"))
            let plan = try await account.aws("plan")
            #expect(plan.isSuccess && plan.errors.contains("warning: BedrockRole was changed by hand"))
            let status = try await account.aws("status --drift")
            #expect(status.exitCode == 1)
            #expect(
                status.output.contains("BedrockRole  /MaxSessionDuration  changed  3600      43200"),
                "\(status.output)"
            )
        }
        try await StackAccount.with(story: "denied-DetectStackDrift") { account in
            let status = try await account.aws("status --drift")
            #expect(status.isRefusal && status.errors.contains("may not cloudformation:DetectStackDrift"))
            let applied = try await account.aws("apply --yes")
            #expect(applied.exitCode == 0, "\(applied.errors)")
            #expect(applied.errors.contains("whether something was changed by hand was not looked at"))
        }
    }
}
