import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import Deployment
import TestSupport
import Testing

@testable import admin

/// Options that are left out later: they stay as the stack has them.
@Suite(.enabled(if: Account.isThere), .serialized)
struct StackOptionsTests {
    private static let restricted =
        "--models anthropic.* --regions us-east-1 --allow-global --external-id lab-7 --max-session 2h "
        + "--ip 192.0.2.0/24 --permissions-boundary arn:aws:iam::123456789012:policy/limit --tag project=engines "
        + "--availability-zone us-east-1a --volume-size 12"

    @Test func `what isn't said stays, and is shown`() async throws {
        try await StackAccount.withMoto { account in
            let made = try await account.aws("apply --yes " + Self.restricted)
            try #require(made.isSuccess, "\(made.errors)")
            let plan = try await account.aws("plan")
            #expect(plan.isSuccess && plan.errors.contains("no change"), "\(plan.errors)")
            for word in [
                "--models anthropic.*", "--regions us-east-1", "--allow-global yes", "--external-id lab-7",
                "--max-session 2h", "--ip 192.0.2.0/24", "policy/limit", "--tag project=engines",
                "--availability-zone us-east-1a", "--volume-size 12",
            ] {
                #expect(plan.errors.contains(word), "\(word): \(plan.errors)")
            }
            let update = try await account.aws("apply --yes --max-session 3h")
            #expect(update.isSuccess && update.errors.contains("max-session: 2h → 3h"), "\(update.errors)")
            let models = try await account.aws("apply --yes --models meta.*,anthropic.*")
            #expect(models.isSuccess && models.errors.contains("models: anthropic.* → meta.*,anthropic.*"))
            #expect(models.errors.contains("--max-session 3h"), "\(models.errors)")
            #expect(made.output == update.output && update.output == models.output)
        }
    }

    @Test func `what is taken back is listed, one by one, and then gone`() async throws {
        try await StackAccount.withMoto { account in
            let made = try await account.aws("apply --yes " + Self.restricted)
            try #require(made.isSuccess, "\(made.errors)")
            let volume = try #require(made.errors.split(separator: "VolumeId: ").last?.prefix { !$0.isWhitespace })
            let words = [
                "aws", "apply", "--yes", "--models", "*", "--regions", "*", "--external-id", "", "--max-session", "1h",
                "--ip", "0.0.0.0/0,::/0", "--permissions-boundary", "", "--tag", "", "--availability-zone", "",
            ]
            let open = try await account.run(Checkout.program("admin"), words)
            #expect(open.isSuccess, "\(open.errors)")
            for line in [
                "models: anthropic.* → any", "regions: us-east-1 → anywhere", "allow-global: yes → no",
                "external-id: lab-7 → none", "max-session: 2h → 1h", "ip: 192.0.2.0/24 → 0.0.0.0/0,::/0",
                "policy/limit → none", "tag: project=engines → none", "availability-zone: us-east-1a → none",
            ] {
                #expect(open.errors.contains(line), "\(line): \(open.errors)")
            }
            #expect(open.errors.contains("leaves the stack; it is kept, with the database on it"))
            #expect(!open.output.contains("BURSAR_EXTERNAL_ID"))
            let after = try await account.aws("plan")
            #expect(!after.errors.contains("anthropic") && !after.errors.contains("policy/limit"), "\(after.errors)")
            #expect(try await account.cli("ec2 describe-volumes").contains(volume))
        }
    }
}

/// The same where a template is not as `admin` makes it now.
struct DeployedOptionsTests {
    @Test func `a stack that doesn't say its options is warned of`() async throws {
        try await StackAccount.with(story: "old") { account in
            let plan = try await account.aws("plan")
            #expect(plan.isSuccess && plan.errors.contains("doesn't say with which options"), "\(plan.errors)")
            #expect(plan.errors.contains("may call AWS in any region, as before"), "\(plan.errors)")
            #expect(plan.errors.contains("hint: admin aws apply --regions us-east-1"), "\(plan.errors)")
        }
    }

    @Test(arguments: [#""regions":["eu-west-1","us-west-2"],"allowGlobal":true"#, #""regions":["eu-west-1"]"#, ""])
    func `a stack keeps the regions that it was made with, anywhere too`(metadata: String) throws {
        let template = #"{"Metadata":{"Bursar":{"Options":{\#(metadata)}}}}"#
        let read = try #require(try DeployedOptions(parsing: template))
        let kept = try typed(["--max-session", "2h"]).keeping(read).configuration(region: "us-east-1")
        #expect(kept.regions?.names == read.regions)
        #expect(kept.regions?.allowsGlobalProfiles ?? false == (read.allowGlobal ?? false))
        let moved = try typed(["--regions", "us-east-1"]).keeping(read).configuration(region: "us-east-1")
        #expect(moved.regions?.names == ["us-east-1"])
    }

    @Test func `what is opened stays open, until it is shut`() throws {
        let words = ["--allow-streams", "--allow-tiers", "--mantle"]
        let configuration = try typed(words).configuration(region: "us-east-1")
        let read = try #require(try DeployedOptions(parsing: try StackTemplate(configuration).body))
        #expect(try typed([]).keeping(read).configuration(region: "us-east-1") == configuration)
        let shut = try typed(["--no-mantle", "--no-allow-streams", "--no-allow-tiers"]).keeping(read)
        #expect(
            try shut.configuration(region: "us-east-1") == StackConfiguration(stackName: "bursar", region: "us-east-1")
        )
    }

    @Test(arguments: ["garbled", "denied-GetTemplate"])
    func `options that can't be read open nothing`(story: String) async throws {
        try await StackAccount.with(story: story) { account in
            let refused = try await account.aws("apply --yes")
            #expect(refused.isRefusal && refused.errors.contains("hint: "), "\(refused.errors)")
            #expect(try await !account.calls().contains("CreateChangeSet"))
        }
    }

    @Test func `a volume that a plan lets go is named`() async throws {
        try await StackAccount.with(story: "letgo") { account in
            let plan = try await account.aws("plan --format csv")
            #expect(plan.output.contains("let go,DatabaseVolume"), "\(plan.output)")
            #expect(plan.errors.contains("the volume bursar-DatabaseVolume-1 leaves the stack"), "\(plan.errors)")
        }
    }

    @Test func `what stands in a template is what was asked for`() throws {
        let words = [
            "--models", "b.*,a", "--regions", "eu-west-1,eu-central-1", "--max-session", "90m", "--tag", "b=2=3",
            "--tag", "a=", "--availability-zone", "eu-central-1a",
        ]
        let configuration = try typed(words).configuration(region: "eu-central-1")
        let read = try #require(try DeployedOptions(parsing: try StackTemplate(configuration).body))
        #expect(try typed([]).keeping(read).configuration(region: "eu-central-1") == configuration)
        let wide = try typed(["--regions", "*", "--availability-zone", ""]).keeping(read)
        let left = try wide.configuration(region: "eu-central-1")
        #expect(left.regions == nil && left.volume == nil && left.models == configuration.models)
        let larger = try typed(["--volume-size", "20"]).keeping(read).configuration(region: "eu-central-1")
        #expect(larger.volume?.size == 20)
    }

    @Test(arguments: [
        ["--ecs"], ["--oidc-provider", "\(issuer)", "--service-account", "bursar:bursar"],
    ])
    func `the machine of the server stays too, without other options`(words: [String]) throws {
        let region = "us-east-1"
        let configuration = try typed(words).configuration(region: region)
        let read = try #require(try DeployedOptions(parsing: try StackTemplate(configuration).body))
        func later(_ words: [String]) throws -> ServerTrust {
            try typed(words).keeping(read).configuration(region: region).serverTrust
        }
        #expect(try later([]) == configuration.serverTrust && configuration.serverTrust != .instance)
        #expect(try later(["--no-ecs", "--oidc-provider", ""]) == .instance)
        if words == ["--ecs"] {
            #expect(throws: UserFacingError.self) { try later(["--service-account", "bursar:other"]) }
        } else {
            #expect(try later(["--ecs"]) == .task)
            guard case .pod(let account) = try later(["--service-account", "bursar:other"]) else {
                return #expect(Bool(false), "a pod stays a pod")
            }
            #expect(account.subject == "system:serviceaccount:bursar:other")
        }
    }

    private func typed(_ words: [String]) throws -> StackOptions {
        try StackArguments.parse(words).options
    }

    private static let issuer = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
}
