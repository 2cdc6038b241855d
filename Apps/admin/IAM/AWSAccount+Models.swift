import AWSAuth
import BursarConsole
import BursarModel

extension AWSAccount {
    /// Whether each pattern stands for a model of the region: a misspelt one would make a key that can't invoke.
    ///
    /// A listing that fails for another reason than a missing permission is a warning: it says nothing about the models.
    func check(_ models: ModelList) async throws {
        let listed: [FoundationModel]
        do {
            listed = try await bedrock.foundationModels()
        } catch AWSError.refused(let refusal) where refusal.isDenied {
            throw AWSError.refused(refusal)
        } catch is AWSError {
            terminal.warn(UserFacingError("the models of \(region) can't be listed now, so \(models) was not checked"))
            return
        }
        guard let unknown = models.patterns.first(where: { pattern in !listed.contains { pattern.matches($0.id) } })
        else { return }
        throw UserFacingError(
            "there is no model \(unknown) in \(region)",
            hint: "aws bedrock list-foundation-models --region \(region), or another --region"
        )
    }
}
