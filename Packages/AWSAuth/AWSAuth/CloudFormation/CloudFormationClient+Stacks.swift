extension CloudFormationClient {
    /// The stack of this name or ARN; nil when there is none.
    ///
    /// A deleted stack can be found by its ARN only, for 90 days.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func stack(_ name: String) async throws -> CloudFormationStack? {
        try CloudFormationLimits.check(stack: name)
        do {
            let form = Self.form("DescribeStacks", [("StackName", name)])
            let answer = try await answer(form, "DescribeStacks")
            guard let stack = try answer.members("Stacks", CloudFormationStack.init).first else {
                throw answer.malformed("Stacks")
            }
            return stack
        } catch AWSError.refused(let refusal) where refusal.isMissingStack {
            return nil
        }
    }

    /// A stack's resources, 100 at most.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func resources(ofStack name: String) async throws -> [StackResource] {
        try CloudFormationLimits.check(stack: name)
        let form = Self.form("DescribeStackResources", [("StackName", name)])
        return try await answer(form, "DescribeStackResources").members("StackResources", StackResource.init)
    }

    /// What happened to a stack since the event `last`, the oldest first; all that AWS remembers where `last` is nil.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    ///
    /// - Parameters:
    ///   - name: the stack's name or ARN.
    ///   - last: the id of the last event that is known already.
    ///   - most: no more than so many, the newest.
    /// - Returns: the events.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func events(ofStack name: String, after last: String? = nil, most: Int = 1000) async throws -> [StackEvent] {
        try CloudFormationLimits.check(stack: name)
        var events: [StackEvent] = []
        // The newest come first.
        try await pages("DescribeStackEvents", [("StackName", name)]) { page in
            for event in try page.members("StackEvents", StackEvent.init) {
                guard event.id != last, events.count < most else { return false }
                events.append(event)
            }
            return true
        }
        return events.reversed()
    }

    /// The template that a stack was made from, as it was sent.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func template(ofStack name: String) async throws -> String {
        try CloudFormationLimits.check(stack: name)
        let form = Self.form("GetTemplate", [("StackName", name), ("TemplateStage", "Original")])
        return try await answer(form, "GetTemplate").text("TemplateBody")
    }

    /// Begins to delete a stack; one that is gone already is no error.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
    ///
    /// - Parameters:
    ///   - name: the stack's name or ARN.
    ///   - token: makes a repeated call the same call.
    ///   - retained: resources that are let go of and kept; only for a stack whose deletion failed.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteStack(_ name: String, token: String, retaining retained: [String] = []) async throws {
        try CloudFormationLimits.check(stack: name)
        try CloudFormationLimits.check(token: token)
        var form = Self.form("DeleteStack", [("StackName", name), ("ClientRequestToken", token)])
        form.add(list: "RetainResources", retained) { [("", $0)] }
        _ = try await connection.send(AWSRequest("DeleteStack", form: form))
    }

    /// Has AWS refuse to delete a stack, or lets it delete the stack again.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func setTerminationProtection(_ isProtected: Bool, ofStack name: String) async throws {
        try CloudFormationLimits.check(stack: name)
        let parameters = [("StackName", name), ("EnableTerminationProtection", isProtected ? "true" : "false")]
        _ = try await answer(Self.form("UpdateTerminationProtection", parameters), "UpdateTerminationProtection")
    }

    /// Begins once more to undo an update, where undoing it failed.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func continueUpdateRollback(ofStack name: String, token: String) async throws {
        try CloudFormationLimits.check(stack: name)
        try CloudFormationLimits.check(token: token)
        try await perform("ContinueUpdateRollback", [("StackName", name), ("ClientRequestToken", token)])
    }
}

extension AWSServiceError {
    /// Whether CloudFormation has no stack of that name: it says so only in words.
    public var isMissingStack: Bool {
        service == .cloudFormation && code == "ValidationError" && message?.contains("does not exist") == true
    }
}
