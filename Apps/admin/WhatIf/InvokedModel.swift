import AWSAuth
import BursarConsole
import BursarModel

/// A model as it is named when it is invoked: by its id, by an inference profile's, or by an ARN.
struct InvokedModel {
    /// Whether a session may invoke it.
    enum ModelDecision: Equatable {
        case allowed
        /// The reason, as half a sentence.
        case refused(String)
        /// An application's own profile: only AWS knows which model it leads to.
        case unknown
    }

    /// As it was typed.
    let name: String
    /// The foundation model whose use is checked; nil for what isn't one, or leads to one that only AWS knows.
    let foundationModel: String?
    private let arn: ARN?

    /// Reads a name; nil for what can't be any of these.
    ///
    /// - Throws: ``UserFacingError`` for an ARN of a partition that is not supported.
    init?(_ text: String) throws(UserFacingError) {
        name = text
        var id = text
        if text.hasPrefix("arn:") {
            guard let arn = try ARN.reading(text, .option("--model")), !arn.name.isEmpty,
                arn.service == "bedrock" || arn.service == "sagemaker" && arn.kind == "endpoint"
            else { return nil }
            self.arn = arn
            guard arn.service == "bedrock", ["foundation-model", "inference-profile"].contains(arn.kind) else {
                foundationModel = nil
                return
            }
            id = arn.name
        } else {
            arn = nil
        }
        let model = ModelID.split(id).model
        guard ModelPattern(id) != nil, !id.contains("*"), !model.isEmpty else { return nil }
        foundationModel = model
    }

    /// Whether a session of `role`, narrowed to `models`, may invoke it, by the policies that `admin policy` prints.
    ///
    /// Without a role the account isn't known, and any account's profile is taken.
    func answer(_ models: ModelList?, role: ARN?, _ partition: Partition) -> ModelDecision {
        if let arn {
            guard arn.partition == partition else {
                return .refused("it is of \(arn.partition.rawValue), and the role of \(partition.rawValue)")
            }
            let isProfile = ["inference-profile", "application-inference-profile"].contains(arn.kind)
            guard isProfile || arn.kind == "foundation-model" else {
                let kind = ModelID.kinds[arn.kind] ?? "of the kind \(arn.kind)"
                return .refused("it is \(kind); policies allow foundation models and inference profiles alone")
            }
            if isProfile, let role, arn.account != role.account {
                return .refused(
                    "it is a profile of account \(arn.account); policies allow those of \(role.account) alone"
                )
            }
        }
        guard let models else { return .allowed }
        guard let foundationModel else { return .unknown }
        return models.allows(foundationModel) ? .allowed : .refused("it is not among the key's models")
    }
}
