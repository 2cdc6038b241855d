package import AWSAuth
package import BursarModel

/// The permissions of the role that researchers get sessions of: invoke models, use bearer tokens, list models.
///
/// Everything that it allows leaves a record in the model invocation log of the region it was called in, unless one of
/// the options that say otherwise is on.
package struct AccessPolicy: Sendable, Equatable {
    /// The regions that AWS may be called in, by `aws:RequestedRegion`.
    ///
    /// An inference profile is called in one of them, and leads to models in others, which are allowed by the profile's
    /// own region (`bedrock:InferenceProfileArn`): the region that is called has the record in its log.
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
    package struct Regions: Sendable, Equatable {
        package let names: [String]
        /// True if `global.` inference profiles work: their models' requests have no region, which IAM sees as
        /// `unspecified`, and AWS serves them wherever it likes.
        package let allowsGlobalProfiles: Bool

        package init(_ names: [String], allowsGlobalProfiles: Bool = false) {
            self.names = names
            self.allowsGlobalProfiles = allowsGlobalProfiles
        }
    }

    package let partition: Partition
    /// The account whose inference profiles and projects may be used; nil is any.
    package var account: String?
    /// The only foundation models that may be invoked; nil is any.
    package var models: ModelList?
    package var allowsListing = true
    /// nil is anywhere, `global.` profiles included.
    package var regions: Regions?
    /// True if bidirectional streams (Nova Sonic) work, which the invocation log doesn't record.
    package var allowsStreams = false
    /// True if the priority and reserved service tiers work, which cost more than the log shows.
    package var allowsTiers = false
    /// True if the `bedrock-mantle` endpoint works, which no invocation log records.
    package var allowsMantle = false

    package init(
        partition: Partition,
        account: String? = nil,
        models: ModelList? = nil,
        allowsListing: Bool = true,
        regions: Regions? = nil
    ) {
        self.partition = partition
        self.account = account
        self.models = models
        self.allowsListing = allowsListing
        self.regions = regions
    }

    package var document: PolicyDocument {
        var statements = [
            allow("InvokeModels", BedrockActions.invocation, foundationModels + profiles(in: "*")),
            allow("CreateResponses", BedrockActions.response, ["\(bedrock("*")):\(owner):project/default"]),
        ]
        if let regions { statements.append(route(regions)) }
        statements.append(allow("UseBearerTokens", BedrockActions.bearerTokens, ["*"]))
        if allowsListing { statements.append(allow("LookModelsUp", BedrockActions.listing, ["*"])) }
        if allowsMantle { statements += mantle }
        if !allowsStreams { statements.append(denyStreams) }
        if !allowsTiers { statements.append(denyTiers) }
        return PolicyDocument(statements)
    }
}

// MARK: Statements

extension AccessPolicy {
    private static let requestedRegion = "aws:RequestedRegion"
    /// Tiers that cost more than the standard one; `flex` costs less.
    private static let dearTiers = ["priority", "reserved"]

    private var owner: String { account ?? "*" }

    private func bedrock(_ region: String, service: String = "bedrock") -> String {
        "arn:\(partition.rawValue):\(service):\(region)"
    }

    /// `*` for the region is none as well, which the models of `global.` profiles have.
    private var foundationModels: [String] {
        (models?.patterns.map(\.description) ?? ["*"]).map { "\(bedrock("*"))::foundation-model/\($0)" }
    }

    private func profiles(in region: String) -> [String] {
        ["inference-profile", "application-inference-profile"].map { "\(bedrock(region)):\(owner):\($0)/*" }
    }

    private func allow(_ sid: String, _ action: [String], _ resource: [String]) -> PolicyDocument.Statement {
        PolicyDocument.Statement(
            sid: sid,
            action: action,
            resource: resource,
            condition: regions.map { ["StringEquals": [Self.requestedRegion: $0.names]] }
        )
    }

    /// The models that a profile of these regions leads to, wherever they are.
    private func route(_ regions: Regions) -> PolicyDocument.Statement {
        var condition: PolicyDocument.Conditions = [
            "ArnLike": ["bedrock:InferenceProfileArn": regions.names.flatMap { profiles(in: $0) }]
        ]
        if !regions.allowsGlobalProfiles {
            condition["StringNotEquals"] = [Self.requestedRegion: ["unspecified"]]
        }
        return PolicyDocument.Statement(
            sid: "RouteThroughProfiles",
            action: BedrockActions.invocation,
            resource: foundationModels,
            condition: condition
        )
    }

    private var mantle: [PolicyDocument.Statement] {
        var infer = allow(
            "InferOnMantle",
            BedrockActions.mantleInference,
            ["\(bedrock("*", service: "bedrock-mantle")):\(owner):project/*"]
        )
        var condition = infer.condition ?? [:]
        if let models { condition["StringLike"] = ["bedrock-mantle:Model": models.patterns.map(\.description)] }
        if !allowsTiers { condition["StringNotEquals"] = ["bedrock-mantle:ServiceTier": Self.dearTiers] }
        infer.condition = condition.isEmpty ? nil : condition
        return [infer, allow("UseMantleBearerTokens", BedrockActions.mantleBearerTokens, ["*"])]
    }

    /// The API reference says that a bidirectional stream needs `bedrock:InvokeModel`; only these models have one.
    private var denyStreams: PolicyDocument.Statement {
        PolicyDocument.Statement(
            sid: "NoUnloggedStreams",
            effect: .deny,
            action: BedrockActions.anyInvocation,
            resource: ["\(bedrock("*"))::foundation-model/amazon.nova*sonic*"]
        )
    }

    private var denyTiers: PolicyDocument.Statement {
        PolicyDocument.Statement(
            sid: "NoDearTiers",
            effect: .deny,
            action: BedrockActions.anyInvocation,
            resource: ["*"],
            condition: ["StringEquals": ["bedrock:ServiceTier": Self.dearTiers]]
        )
    }
}

/// The actions of Bedrock that researchers use, as IAM names them.
enum BedrockActions {
    /// Converse, ConverseStream, Chat Completions and, against what its name says, bidirectional streams are authorised
    /// by these two.
    static let invocation = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    /// Every action that is authorised as an invocation, now or later.
    static let anyInvocation = ["bedrock:InvokeModel*"]
    /// The Responses API is authorised by this, on the account's default project as well as the model.
    ///
    /// Not `GetInvoke`, `CancelInvoke` and `DeleteInvoke`: a stored response is no resource in IAM, so a caller with
    /// these actions can read every response in the account.
    static let response = ["bedrock:InvokeModel"]
    /// Without it every bearer token that is made from a session gets 403 from `bedrock-runtime`.
    static let bearerTokens = ["bedrock:CallWithBearerToken"]
    /// CountTokens costs nothing, and tools call it before they invoke.
    static let listing = [
        "bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile",
        "bedrock:CountTokens",
    ]
    /// The other endpoint, `bedrock-mantle`: neither opens anything without the other.
    static let mantleInference = ["bedrock-mantle:CreateInference"]
    static let mantleBearerTokens = ["bedrock-mantle:CallWithBearerToken"]
}
