package import BursarCore

/// What the role that researchers are given sessions of may do: invoke models, use bearer tokens, look models up.
package struct AccessPolicy: Sendable, Equatable {
    /// Where the policy holds, by `aws:RequestedRegion`.
    package struct Regions: Sendable, Equatable {
        package let names: [String]
        /// Whether `global.` inference profiles work: their models' requests have no region, which IAM sees as
        /// `unspecified`, and AWS serves them wherever it likes.
        package let allowsGlobalProfiles: Bool

        package init(_ names: [String], allowsGlobalProfiles: Bool = false) {
            self.names = names
            self.allowsGlobalProfiles = allowsGlobalProfiles
        }
    }

    package let partition: Partition
    /// The account whose inference profiles may be used; nil is any.
    package var account: String?
    /// The only foundation models that may be invoked; nil is any.
    package var models: ModelList?
    package var allowsListing = true
    package var regions: Regions?

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
        let unspecified = regions?.allowsGlobalProfiles == true ? ["unspecified"] : []
        var statements = [
            PolicyDocument.Statement(
                sid: "InvokeModels",
                action: BedrockActions.invocation,
                resource: resources,
                condition: condition(unspecified)
            ),
            PolicyDocument.Statement(
                sid: "UseBearerTokens",
                action: BedrockActions.bearerTokens,
                resource: ["*"],
                condition: condition([])
            ),
        ]
        if allowsListing {
            statements.append(
                PolicyDocument.Statement(
                    sid: "LookModelsUp",
                    action: BedrockActions.listing,
                    resource: ["*"],
                    condition: condition([])
                )
            )
        }
        return PolicyDocument(statements)
    }

    /// A profile leads to foundation models, each of which is checked by itself; `*` for the region is none as well,
    /// which the models of `global.` profiles have.
    private var resources: [String] {
        let arn = "arn:\(partition.rawValue):bedrock:*:"
        let owner = account ?? "*"
        return (models?.patterns.map(\.description) ?? ["*"]).map { "\(arn):foundation-model/\($0)" }
            + ["\(arn)\(owner):inference-profile/*", "\(arn)\(owner):application-inference-profile/*"]
    }

    private func condition(_ more: [String]) -> PolicyDocument.Conditions? {
        regions.map { ["StringEquals": ["aws:RequestedRegion": $0.names + more]] }
    }
}
