import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import Deployment
@testable import admin

/// `admin aws plan`, `apply`, `status` and `destroy`, against moto.
@Suite(.enabled(if: Account.isThere), .serialized)
struct StackMotoTests {
    private struct Row: Decodable {
        let action: String
        let resource: String
        let type: String
    }

    private struct Sheet: Decodable {
        let status: String
        let resources: [Resource]
        let denies: [String]

        struct Resource: Decodable {
            let resource: String
            let id: String?
        }

        func id(_ name: String) -> String? { resources.first { $0.resource == name }?.id }
    }

    private func sheet(_ account: StackAccount) async throws -> Sheet {
        try decoded(try await succeeded(account.aws("status --format json")).output)
    }

    private func succeeded(_ outcome: Program.Outcome) throws -> Program.Outcome {
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome
    }

    @Test func `a plan shows what would be made, and leaves nothing`() async throws {
        try await StackAccount.withMoto { account in
            let plan = try await succeeded(account.aws("plan --availability-zone us-east-1a --format json"))
            let rows: [Row] = try decoded(plan.output)
            #expect(Set(rows.map(\.action)) == ["add"])
            #expect(
                Set(rows.map(\.resource)).isSuperset(of: ["BedrockRole", "ServerRole", "LogGroup", "DatabaseVolume"])
            )
            #expect(plan.errors.contains("acting as arn:aws:iam::123456789012:user/operator"))
            #expect(try await !account.cli("cloudformation list-stacks").contains("REVIEW_IN_PROGRESS"))
            #expect(try await account.cli("iam list-roles").contains("bursar") == false)
            let status = try await account.aws("status")
            #expect(status.isRefusal && status.errors.contains("there is no stack bursar"))
        }
    }

    @Test func `apply makes the stack once, and then says that nothing changes`() async throws {
        try await StackAccount.withMoto { account in
            let asked = try await account.aws("apply")
            #expect(asked.isRefusal && asked.errors.contains("add --yes"), "\(asked.errors)")
            #expect(try await account.aws("status").errors.contains("there is no stack"))

            let first = try await succeeded(account.aws("apply --yes"))
            #expect(first.output.hasPrefix("BURSAR_ROLE_ARN=arn:aws:iam::123456789012:role/"))
            #expect(first.errors.contains("CREATE_COMPLETE bursar"))
            #expect(first.errors.contains("InstanceProfile: "))
            let second = try await succeeded(account.aws("apply --yes"))
            #expect(second.output == first.output)
            #expect(second.errors.contains("no change: the stack bursar"))
            let plan = try await succeeded(account.aws("plan"))
            #expect(plan.output.isEmpty && plan.errors.contains("no change"))
            #expect(
                try await account.cli("cloudformation list-change-sets --stack-name bursar").contains("UNAVAILABLE")
                    == false
            )
        }
    }

    @Test func `other options are an update, shown before`() async throws {
        try await StackAccount.withMoto { account in
            _ = try await succeeded(account.aws("apply --yes"))
            let plan = try await succeeded(account.aws("plan --max-session 2h --format json"))
            let rows: [Row] = try decoded(plan.output)
            #expect(rows.map(\.resource) == ["BedrockRole"] && rows.map(\.action) == ["change"], "\(plan.output)")
            let update = try await succeeded(account.aws("apply --yes --max-session 2h"))
            #expect(update.errors.contains("UPDATE_COMPLETE bursar"))
            #expect(try await sheet(account).status == "UPDATE_COMPLETE")
        }
    }

    @Test func `the settings go to a private file, in each form`() async throws {
        try await StackAccount.withMoto { account in
            let file = account.home + "/settings"
            let words = "apply --yes --external-id lab-7 --ip 192.0.2.0/24 --output \(file) --format "
            func written(_ format: String) async throws -> String {
                let outcome = try await succeeded(account.aws(words + format))
                #expect(outcome.output.isEmpty)
                #expect(try FilePath(file).stat().permissions == [.ownerReadWrite])
                return try String(contentsOfFile: file, encoding: .utf8)
            }
            let env = try await written("env")
            #expect(env.contains("BURSAR_EXTERNAL_ID=lab-7\n") && env.contains("BURSAR_ALLOW=192.0.2.0/24\n"), "\(env)")
            let yaml = try await written("yaml")
            #expect(yaml.contains("externalId: \"lab-7\"\n") && yaml.hasPrefix("role:\n  arn: \"arn:aws:"), "\(yaml)")
            let json = try await written("json")
            #expect(json.contains("\"BURSAR_EXTERNAL_ID\" : \"lab-7\"") && json.contains("\"InstanceProfile\""))

            let folder = try await account.aws("apply --yes --output \(account.home)/none/settings")
            #expect(folder.isRefusal && folder.errors.contains("there is no folder"))
        }
    }

    @Test func `destroy takes denies along, keeps the volume, and says so when run again`() async throws {
        try await StackAccount.withMoto { account in
            _ = try await succeeded(account.aws("apply --yes --availability-zone us-east-1a"))
            let made = try await sheet(account)
            let role = try #require(made.id("BedrockRole"))
            let volume = try #require(made.id("DatabaseVolume"))
            let when = #""DateLessThan":{"aws:TokenIssueTime":["2026-01-02T03:04:05Z"]}"#
            let who = #""StringLike":{"aws:userid":["*:ada"]}"#
            let statement = #"{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{\#(when),\#(who)}}"#
            let deny = #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#
            let put = "iam put-role-policy --role-name \(role) --policy-name bursar-end-ada --policy-document \(deny)"
            _ = try await account.cli(put)
            #expect(try await sheet(account).denies == ["bursar-end-ada"])

            let asked = try await account.aws("destroy")
            #expect(asked.isRefusal && asked.errors.contains("add --yes"))
            #expect(asked.errors.contains("kept"))
            let gone = try await succeeded(account.aws("destroy --yes"))
            #expect(gone.errors.contains("removed bursar-end-ada") && gone.errors.contains("the stack bursar is gone"))
            #expect(gone.errors.contains("kept: DatabaseVolume, \(volume)"))
            #expect(gone.errors.contains("user-data --volume-id \(volume) goes on with it"))
            let log = try #require(made.id("LogGroup"))
            #expect(gone.errors.contains("kept: LogGroup, \(log)"))
            #expect(try await account.cli("logs describe-log-groups").contains(log))
            #expect(try await account.cli("ec2 describe-volumes").contains(volume))
            #expect(try await !account.cli("iam list-roles").contains(role))
            let again = try await succeeded(account.aws("destroy --yes"))
            #expect(again.errors.contains("there is no stack bursar"))
        }
    }

    @Test func `destroy deletes the volume and the log with its options`() async throws {
        try await StackAccount.withMoto { account in
            _ = try await succeeded(account.aws("apply --yes --availability-zone us-east-1a"))
            let made = try await sheet(account)
            let volume = try #require(made.id("DatabaseVolume"))
            let log = try #require(made.id("LogGroup"))
            let gone = try await succeeded(account.aws("destroy --yes --delete-volume --delete-logs"))
            #expect(gone.errors.contains("deleted the volume \(volume)"))
            #expect(gone.errors.contains("deleted the log group \(log)"))
            #expect(try await !account.cli("ec2 describe-volumes").contains(volume))
            #expect(try await !account.cli("logs describe-log-groups").contains(log))
        }
    }

    @Test(arguments: [
        "put-role-policy --policy-name bursar-end-backdoor --policy-document {}", "attach-role-policy --policy-arn",
    ])
    func `a role with a foreign policy stops destroy before anything`(call: String) async throws {
        try await StackAccount.withMoto { account in
            _ = try await succeeded(account.aws("apply --yes"))
            let role = try #require(try await sheet(account).id("BedrockRole"))
            let document = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
            var words = call.replacing("{}", with: document)
            var name = "bursar-end-backdoor"
            if call.hasPrefix("attach") {
                let made = try await account.cli("iam create-policy --policy-name other --policy-document \(document)")
                #expect(made.contains("policy/other"))
                name = "arn:aws:iam::123456789012:policy/other"
                words += " " + name
            }
            _ = try await account.cli("iam \(words) --role-name \(role)")
            let refused = try await account.aws("destroy --yes")
            #expect(refused.isRefusal && refused.errors.contains(name), "\(refused.errors)")
            #expect(try await sheet(account).status == "CREATE_COMPLETE")
        }
    }

    @Test func `a stack that another tool made is left alone`() async throws {
        try await StackAccount.withMoto { account in
            let body = #"{"Resources":{"G":{"Type":"AWS::Logs::LogGroup"}}}"#
            _ = try await account.cli("cloudformation create-stack --stack-name bursar --template-body \(body)")
            for command in ["plan", "apply --yes", "status", "destroy --yes"] {
                let refused = try await account.aws(command)
                #expect(refused.isRefusal && refused.errors.contains("was not made by admin"), "\(refused.errors)")
            }
            #expect(try await account.cli("cloudformation list-stacks").contains("CREATE_COMPLETE"))
        }
    }

    @Test func `who acts is checked before anything is done`() async throws {
        try await StackAccount.withMoto { account in
            let other = try await account.aws("apply --yes --account 210987654321")
            #expect(other.isRefusal && other.errors.contains("are of account 123456789012, not of 210987654321"))
            let word = try await account.aws("apply --yes --account bedrock")
            #expect(word.isRefusal && word.errors.contains("it has 12 digits"))
            let nobody = try await account.aws(
                "apply --yes",
                changes: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
            )
            #expect(nobody.isRefusal && nobody.errors.contains("there are no AWS credentials here"))
            let wrong = try await account.aws("plan", changes: ["AWS_SECRET_ACCESS_KEY": "wrong"])
            #expect(wrong.isRefusal && wrong.errors.contains("AWS doesn't take these credentials"))
            let clerk = try await account.aws("plan", changes: account.clerk)
            #expect(clerk.isRefusal && clerk.errors.contains("may not cloudformation:CreateChangeSet"))
            let away = try await account.aws("plan", changes: ["AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
            #expect(away.isRefusal && away.errors.contains("AWS can't be reached"))
            #expect(try await account.cli("cloudformation list-stacks").contains("bursar") == false)
        }
    }

    /// moto asks for each action on everything, so the policy's resources are widened for it; an evaluator holds those.
    @Test(arguments: ["", " --permissions-boundary arn:aws:iam::\(StackAccount.number):policy/limit"])
    func `the operator's policy is enough for a stack's whole lifetime, and for ending sessions`(
        _ boundary: String
    ) async throws {
        try await StackAccount.withMoto { account in
            let words = ("policy operator" + boundary).split(separator: " ").map(String.init)
            let printed = try await account.run(Checkout.program("admin"), words)
            let document = try JSONDecoder().decode(TemplateValue.self, from: Data(printed.output.utf8))
            let path = account.home + "/operator.json"
            try Data(try document.onEverything.json().utf8).write(to: URL(filePath: path))
            _ = try await account.cli("iam create-user --user-name narrow")
            _ = try await account.cli(
                "iam put-user-policy --user-name narrow --policy-name may --policy-document file://\(path)"
            )
            let made: [String: [String: String]] = try decoded(
                try await account.cli("iam create-access-key --user-name narrow")
            )
            let narrow = [
                "AWS_ACCESS_KEY_ID": try #require(made["AccessKey"]?["AccessKeyId"]),
                "AWS_SECRET_ACCESS_KEY": try #require(made["AccessKey"]?["SecretAccessKey"]),
                "BURSAR_DATABASE": account.home + "/bursar.sqlite",
            ]
            func admin(_ line: String, _ more: [String: String] = [:]) async throws -> Program.Outcome {
                let words = line.split(separator: " ").map(String.init)
                return try succeeded(
                    try await account.run(Checkout.program("admin"), words, narrow.merging(more) { $1 })
                )
            }
            _ = try await admin("aws plan --availability-zone us-east-1a" + boundary)
            let applied = try await admin("aws apply --yes --availability-zone us-east-1a" + boundary)
            _ = try await admin("aws apply --yes --max-session 2h" + boundary)
            _ = try await admin("aws status --drift")
            let role = try #require(applied.output.split(separator: "\n").first { $0.hasPrefix("BURSAR_ROLE_ARN=") })
            let settings = ["BURSAR_ROLE_ARN": String(role.dropFirst(16)), "BURSAR_REGION": "us-east-1"]
            _ = try await admin("database init")
            _ = try await admin("researchers add ada --name Ada --email ada@example.edu --project engines")
            _ = try await admin("sessions end ada --yes", settings)
            #expect(try await admin("sessions denies", settings).output.contains("bursar-end-ada"))
            _ = try await admin("sessions allow ada --yes", settings)
            _ = try await admin("aws destroy --yes --account \(StackAccount.number) --delete-volume --delete-logs")
            // And for nothing else.
            let other = try await account.run(Checkout.peer("aws"), ["iam", "list-users"], narrow)
            #expect(!other.isSuccess && other.errors.contains("AccessDenied"), "\(other.errors)")
        }
    }
}

extension TemplateValue {
    /// A policy with `*` for each resource, and without its conditions.
    fileprivate var onEverything: TemplateValue {
        switch self {
        case .object(var values):
            if values["Resource"] != nil { values["Resource"] = ["*"] }
            values["Condition"] = nil
            return .object(values.mapValues(\.onEverything))
        case .list(let values): return .list(values.map(\.onEverything))
        case .text, .number, .flag: return self
        }
    }
}
