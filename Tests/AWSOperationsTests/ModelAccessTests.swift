import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarModel
import Subprocess
import TestSupport
import Testing

@testable import AWSOperations

/// Models invoked as the operator, against answers as AWS documents them: none of them was seen on AWS.
@Suite struct ModelAccessTests {
    /// Runs `body` with a Bedrock that answers by the model's name.
    private func withBedrock(_ body: (ModelAccess) async throws -> Void) async throws {
        let script = Checkout.root + "Tests/AWSOperationsTests/Peers/bedrock.py"
        try await ChildServer.run(.name("python3"), [script]) { server in
            let environment = [
                "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1",
            ]
            let terminal = Terminal(program: "admin", environment: environment)
            let account = try AWSAccount(
                profile: nil,
                region: nil,
                terminal: terminal,
                environment: environment,
                now: { Date() }
            )
            try await body(try ModelAccess(account: account))
        }
    }

    private func models(_ text: String) throws -> ModelList { try #require(ModelList(text)) }

    @Test(arguments: [
        ("works", "acme.works-v1:0", ModelAccess.Access.answered, ""),
        ("profiled", "us.acme.profiled-v1:0", .answered, ""),
        ("global", "global.acme.global-v1:0", .answered, ""),
        ("provisioned", "-", .profile, "application inference profile"),
        ("unsubscribed", "acme.unsubscribed-v1:0", .unsubscribed, "aws-marketplace:ViewSubscriptions"),
        ("form", "acme.form-v1:0", .form, "Submit use case details"),
        ("denied", "acme.denied-v1:0", .denied, "have that permission given"),
        ("forbidden", "acme.forbidden-v1:0", .denied, "who administers it"),
        ("throttled", "acme.throttled-v1:0", .throttled, "again in a minute"),
        ("ondemand", "acme.ondemand-v1:0", .profile, "list-inference-profiles --region us-east-1"),
        ("gone", "acme.gone-v1:0", .missing, "another model"),
        ("invalid", "acme.invalid-v1:0", .missing, "another --region"),
        ("odd", "acme.odd-v1:0", .failed, "InvokeModel"),
        ("timeout", "acme.timeout-v1:0", .failed, "again shortly"),
    ])
    func `each answer is named, with what to do about it`(
        _ name: String,
        _ invoked: String,
        _ access: ModelAccess.Access,
        _ remedy: String
    ) async throws {
        try await withBedrock { check in
            let rows = try await check.check(try await check.candidates(models("acme.\(name)-v1:0")))
            let row = try #require(rows.first)
            #expect(rows.count == 1 && row.model == "acme.\(name)-v1:0")
            #expect(row.access == access && row.invokedAs ?? "-" == invoked)
            #expect(remedy.isEmpty ? row.remedy == nil : row.remedy?.contains(remedy) == true, "\(row)")
            // Whose account and role it is, AWS says in its sentences; these don't.
            #expect(!"\(row)".contains("123456789012"))
        }
    }

    @Test func `a model that only draws, or that is on its way out, isn't asked`() async throws {
        try await withBedrock { check in
            let candidates = try await check.candidates(models("acme.*")).map(\.model)
            #expect(candidates.count == 14)
            #expect(!candidates.contains("acme.image-v1:0") && !candidates.contains("acme.legacy-v1:0"))
            await #expect(throws: UserFacingError.self) { try await check.candidates(models("acme.image-v1:0")) }
        }
    }

    @Test func `more models than are to be paid for are refused, with what it costs`() async throws {
        try await withBedrock { check in
            do {
                _ = try await check.check(try await check.candidates(models("many.*")))
                Issue.record("51 models were invoked")
            } catch let problem as UserFacingError {
                #expect(problem.problem.contains("51 models") && problem.hint?.contains("--models") == true)
            }
            let candidates = try await check.candidates(models("acme.works-v1:0,acme.provisioned-v1:0"))
            #expect(ModelAccess.cost(candidates).contains("invoke 1 model, a few tokens each"))
        }
    }

    @Test func `credentials that have ended are no fault of a model's`() async throws {
        try await withBedrock { check in
            await #expect(throws: AWSError.self) {
                try await check.check(try await check.candidates(models("expired.*")))
            }
        }
    }

    @Test(arguments: [(ModelAccess.Access.answered, true), (.throttled, true), (.form, false), (.denied, false)])
    func `only what researchers can have is good`(_ access: ModelAccess.Access, _ isGood: Bool) {
        #expect(access.isGood == isGood)
    }
}
