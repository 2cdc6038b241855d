import AWSAuth

/// A model or an inference profile, as `creds models` lists it.
struct ListedModel: Encodable, Equatable {
    /// What an invocation names.
    let id: String
    let arn: String
    let kind: Kind
    let provider: String?
    let name: String?
    let status: String?
    /// Whether an invocation may name it; some models are reached through a profile only.
    let isInvoked: Bool

    enum Kind: String, Encodable {
        case model = "model"
        /// AWS's, over several regions.
        case profile = "profile"
        /// The account's own.
        case application = "application"
    }

    init(_ model: FoundationModel) {
        id = model.id
        arn = model.arn
        kind = .model
        provider = model.provider
        name = model.name
        status = model.status
        isInvoked = model.inferenceTypes.contains("ON_DEMAND")
    }

    /// A profile's provider is that of its models.
    init(_ profile: InferenceProfile, models: [FoundationModel]) {
        id = profile.kind == .application ? profile.arn : profile.id
        arn = profile.arn
        kind = profile.kind == .application ? .application : .profile
        let names = profile.modelARNs.compactMap { $0.split(separator: "/").last.map(String.init) }
        let known = models.first { names.contains($0.id) }?.provider
        provider = known ?? names.first.flatMap { $0.split(separator: ".").first.map(String.init) }
        name = profile.name
        status = profile.status
        isInvoked = true
    }

    static let titles = ["id", "kind", "provider", "name", "status", "invoked"]

    var cells: [String] {
        [id, kind.rawValue, provider ?? "-", name ?? "-", status ?? "-", isInvoked ? "yes" : "by a profile"]
    }

    /// Whether it is that provider's; case doesn't count.
    func isFrom(_ provider: String) -> Bool {
        self.provider?.lowercased() == provider.lowercased()
    }
}
