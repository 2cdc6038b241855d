extension CloudFormationClient {
    /// Has CloudFormation work out what `change` would do; the answer comes before it has.
    ///
    /// A change set that is to create a stack brings the stack into being, under review and without resources.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
    ///
    /// - Returns: the ARNs of the change set and of its stack.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func createChangeSet(_ change: NewChangeSet) async throws -> (changeSet: String, stack: String) {
        try CloudFormationLimits.check(stack: change.stack)
        try CloudFormationLimits.check(template: change.template)
        try CloudFormationLimits.check(tags: change.tags)
        guard CloudFormationLimits.isName(change.name) else {
            throw AWSError.invalidParameter(service: .cloudFormation, field: "ChangeSetName")
        }
        var form = Self.form(
            "CreateChangeSet",
            [
                ("StackName", change.stack), ("ChangeSetName", change.name), ("ChangeSetType", change.kind.rawValue),
                ("TemplateBody", change.template), ("Description", change.description), ("ClientToken", change.name),
            ]
        )
        form.add(list: "Capabilities", change.capabilities) { [("", $0)] }
        form.add(list: "Tags", change.tags) { [(".Key", $0.key), (".Value", $0.value)] }
        let answer = try await answer(form, "CreateChangeSet")
        return (try answer.text("Id"), try answer.text("StackId"))
    }

    /// A change set with all its changes.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
    ///
    /// - Parameter arn: of the change set.
    /// - Returns: the change set, all its pages together.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func changeSet(_ arn: String) async throws -> ChangeSet {
        try CloudFormationLimits.check(changeSet: arn)
        var found: ChangeSet?
        try await pages("DescribeChangeSet", [("ChangeSetName", arn)]) { page in
            let part = try ChangeSet(page)
            if found == nil { found = part } else { found?.changes += part.changes }
            return true
        }
        guard let found else { throw AWSError.invalidParameter(service: .cloudFormation, field: "ChangeSetName") }
        return found
    }

    /// Begins what a change set says.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
    ///
    /// - Parameters:
    ///   - arn: of the change set.
    ///   - token: makes a repeated call the same call, and stands with the events that follow.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func executeChangeSet(_ arn: String, token: String) async throws {
        try CloudFormationLimits.check(changeSet: arn)
        try CloudFormationLimits.check(token: token)
        // What a failed update made anew goes again, also where its deletion policy keeps it later.
        try await perform(
            "ExecuteChangeSet",
            [("ChangeSetName", arn), ("ClientRequestToken", token), ("RetainExceptOnCreate", "true")]
        )
    }

    /// Throws a change set away; a stack under review that it belonged to stays.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteChangeSet(_ arn: String) async throws {
        try CloudFormationLimits.check(changeSet: arn)
        try await perform("DeleteChangeSet", [("ChangeSetName", arn)])
    }

    /// The change sets of a stack.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func changeSets(ofStack name: String) async throws -> [ChangeSetSummary] {
        try CloudFormationLimits.check(stack: name)
        var summaries: [ChangeSetSummary] = []
        try await pages("ListChangeSets", [("StackName", name)]) { page in
            summaries += try page.members("Summaries", ChangeSetSummary.init)
            return true
        }
        return summaries
    }
}
