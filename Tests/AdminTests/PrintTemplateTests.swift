import ArgumentParser
import BursarModel
import Deployment
import TestSupport
import Testing

@testable import admin

/// `admin aws template`, and the models that it and other commands take.
@Suite struct PrintTemplateTests {
    @Test func `the command prints what is made in-process, and asks nothing of AWS`() async throws {
        let home = try OperatorHome()
        let printed = try await home.output("aws template --region eu-central-1 --tag project=engines")
        #expect(
            printed
                == (try StackTemplate(
                    StackArguments.parse(["--tag", "project=engines"]).options.configuration(region: "eu-central-1")
                )
                .body) + "\n"
        )
        let refused = try await home.admin("aws template --region eu-central-1 --max-session 30m")
        #expect(refused.isRefusal && refused.errors.contains("hint: 1h to 12h"), "\(refused.errors)")
    }

    @Test func `the command says no to half of it, and prints the other`() async throws {
        let home = try OperatorHome()
        let refused = try await home.admin("aws template --region us-east-1 --service-account bursar:bursar")
        #expect(refused.isRefusal && refused.errors.contains("hint: aws iam list-open-id-connect-providers"))
        let words = "aws template --region us-east-1 --service-account bursar:bursar --oidc-provider "
        #expect(
            try await home.output(
                words + "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A1"
            ).contains("sts:AssumeRoleWithWebIdentity")
        )
    }

    /// Wherever models are typed, the same is taken.
    @Test func `keys, imports, policies and templates read them alike`() async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let issued = try await home.admin("keys issue ada --models us.anthropic.claude-x-1")
        #expect(issued.isSuccess && issued.errors.contains("is taken as anthropic.claude-x-1"), "\(issued.errors)")
        let key = try ResearcherKey(parsing: issued.output).id
        let shown = try await home.output("whatif ada --key \(key) --format json --model us.anthropic.claude-x-1")
        #expect(shown.contains(#""modelAllowed" : true"#) || shown.contains(#""modelAllowed":true"#), "\(shown)")
        let updated = try await home.admin("keys update \(key) --models claude-opus")
        #expect(updated.isSuccess && updated.errors.contains("perhaps anthropic.claude-opus*"), "\(updated.errors)")
        let refused = try await home.admin("keys update \(key) --models global.*")
        #expect(refused.exitCode == 64 && refused.errors.contains("names the geography global"), "\(refused.errors)")
        let file = try home.write(
            "handle,name,email,project,models\ngrace,Grace,grace@example.edu,engines,\"jp.anthropic.*,meta.*\"\n",
            to: "people.csv"
        )
        let imported = try await home.admin("keys import \(file) --output \(home.folder)/keys.csv")
        #expect(
            imported.isSuccess && imported.errors.contains("jp.anthropic.* is taken as anthropic.*"),
            "\(imported.errors)"
        )
        let template = try await home.admin("aws template --region eu-central-1 --models eu.anthropic.*")
        #expect(template.output.contains("foundation-model/anthropic.*") && template.errors.contains("is taken as"))
    }

    @Test(arguments: [("us-iso-east-1", "aws-iso"), ("eu-isoe-west-1", "aws-iso-e"), ("mars-1", "not the name")])
    func `a region of no supported partition is refused`(region: String, part: String) async throws {
        let refused = try await OperatorHome().admin("aws template --region \(region)")
        #expect(refused.isRefusal && refused.output.isEmpty && refused.errors.contains(part), "\(refused.errors)")
    }
}
