import AWSAuth
import AWSClients
package import BursarConsole
import BursarModel
import Deployment

/// A model as named in an invocation: by its id, by an inference profile's, or by an ARN.
package struct InvokedModel: Sendable {
    /// The decision on an invocation by a session.
    enum ModelDecision: Equatable {
        case allowed
        /// The reason, as half a sentence.
        case refused(String)
        /// An application's own profile: only AWS knows its model.
        case unknown
    }

    /// The name as typed.
    package let name: String
    /// The foundation model to check; nil for other resources, and for profiles whose model only AWS knows.
    let foundationModel: String?
    private let arn: ARN?

    /// Parses a name; nil for one that can't be any of these.
    ///
    /// - Throws: ``UserFacingError`` for an ARN of a partition that is not supported.
    package init?(_ text: String) throws(UserFacingError) {
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

    /// Decides, by the policies that `admin policy` prints, on an invocation by a session of `role`, narrowed to
    /// `models`.
    ///
    /// Without a role the account is unknown, and any account's profile is accepted.
    func decision(_ models: ModelList?, role: ARN?, _ partition: Partition) -> ModelDecision {
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
