import BursarConsole
import BursarModel
import Testing

@testable import Deployment

struct AllowedModelsTests {
    @Test(arguments: [(["anthropic.*", "meta.llama3-*"], ["anthropic.*", "meta.llama3-*"]), ([], ["*"])])
    func `a stack's template says which models are allowed`(given: [String], expected: [String]) throws {
        var configuration = try StackConfiguration(stackName: "bursar", region: "eu-central-1")
        if !given.isEmpty { configuration.models = try ModelsParser(given).read { _ in } }
        let models = try AllowedModels.read(StackTemplate(configuration).body)
        #expect(models.patterns.map(\.description) == expected)
    }

    @Test func `a template without models is refused`() {
        #expect(throws: UserFacingError.self) { try AllowedModels.read("{}") }
    }
}
