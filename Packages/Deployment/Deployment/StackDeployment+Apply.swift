import AWSAuth
import AWSClients
package import BursarConsole

extension StackDeployment {
    /// Creates or updates the stack as `options` describe, and returns its outputs.
    ///
    /// `approve` shows a plan and asks for consent; it throws to refuse.
    package func apply(
        _ options: StackOptions,
        continuesRollback: Bool,
        approve: (StackPlan) async throws -> Void
    ) async throws -> StackOutputs {
        var existing = try await looked()
        if let stack = existing, stack.status.isInProgress, stack.status != .deleting {
            terminal.note("the stack \(name) is being changed already (\(stack.status)); watching that first")
            try await finish(StackWatch(self, during: stack.id))
            existing = try await self.existing()
        }
        if let stack = existing, stack.status == .updateRollbackFailed, continuesRollback {
            let watch = try await StackWatch(self, before: stack.id)
            try await cloudFormation.continueUpdateRollback(ofStack: stack.id, token: newName())
            record("cloudformation:ContinueUpdateRollback \(stack.id)")
            try await finish(watch, accepting: ["UPDATE_ROLLBACK_COMPLETE"])
            existing = try await self.existing()
        }
        if let stack = existing, let problem = obstacle(to: stack) { throw problem }
        let plan: StackPlan
        do {
            if let stack = existing, stack.status != .review { await warnOfDrift(stack) }
            plan = try await self.plan(try await template(options, for: existing), for: existing)
        } catch is CancellationError {
            throw stopped("apply")
        }
        guard let changeSet = plan.changeSet else {
            terminal.note("no change: the stack \(name) is as it is asked for")
            return try await outputs()
        }
        try await agree(to: plan, changeSet, approve)
        try await finish(try await execute(changeSet, of: plan.stack))
        terminal.note("the stack \(name) is as it is asked for")
        return try await outputs()
    }

    private func looked() async throws -> CloudFormationStack? {
        do {
            return try await existing()
        } catch is CancellationError {
            throw stopped("apply")
        }
    }

    /// Returns the outputs of a finished stack, and protects it.
    private func outputs() async throws -> StackOutputs {
        let found: CloudFormationStack?
        do {
            found = try await existing()
        } catch is CancellationError {
            throw UserFacingError(
                "stopped; the stack \(name) is as it is asked for",
                hint: "\(command("status")) prints its settings"
            )
        }
        guard let stack = found else { throw missing() }
        await protect(stack)
        let outputs = StackOutputs(stack.outputs)
        guard outputs[.roleARN] != nil else {
            throw UserFacingError(
                "the stack \(name) tells nothing of itself: it has no output \(StackOutput.roleARN.rawValue)",
                hint:
                    "its template was changed by hand; \(command("status")) shows it, an apply that changes something mends it"
            )
        }
        return outputs
    }

    /// Protects the stack from accidental deletion; `destroy` lifts that once the stack's name is typed.
    ///
    /// An error is only a warning, since the stack itself is complete without the protection.
    private func protect(_ stack: CloudFormationStack) async {
        guard !stack.isProtectedFromDeletion else { return }
        do {
            try await protect(stack.id, true)
        } catch {
            let cause = describe(error) ?? "stopped"
            terminal.warn(
                UserFacingError(
                    "the stack \(name) is not protected from deletion: \(cause)",
                    hint:
                        "aws cloudformation update-termination-protection --enable-termination-protection --stack-name \(name)"
                )
            )
        }
    }

    /// Switches CloudFormation's termination protection of the stack with this ARN.
    package func protect(_ stack: String, _ isProtected: Bool) async throws {
        try await cloudFormation.setTerminationProtection(isProtected, ofStack: stack)
        record("cloudformation:UpdateTerminationProtection \(isProtected ? "on" : "off") for \(stack)")
    }

    /// Asks for consent; without it the change set is deleted.
    private func agree(
        to plan: StackPlan,
        _ changeSet: ChangeSet,
        _ approve: (StackPlan) async throws -> Void
    ) async throws {
        do {
            try await approve(plan)
        } catch {
            try await discard(changeSet.arn, of: plan.stack)
            throw error is CancellationError ? stopped("apply") : error
        }
    }

    private func execute(_ changeSet: ChangeSet, of stack: String) async throws -> StackWatch {
        let token = newName()
        let watch: StackWatch
        do {
            watch = try await StackWatch(self, before: stack)
        } catch {
            try await discard(changeSet.arn, of: stack)
            throw error is CancellationError ? stopped("apply") : error
        }
        do {
            try await cloudFormation.executeChangeSet(changeSet.arn, token: token)
            record("cloudformation:ExecuteChangeSet on \(stack)")
        } catch AWSError.refused(let refusal)
            where ["InvalidChangeSetStatus", "ChangeSetNotFound"].contains(refusal.code)
        {
            // The request may have been sent twice, and the first one succeeded.
            guard try await cloudFormation.events(ofStack: stack, most: 100).contains(where: { $0.token == token })
            else {
                try await discard(changeSet.arn, of: stack)
                throw meanwhile()
            }
        } catch is CancellationError {
            throw unwatched("stopped just as AWS was told to begin")
        } catch AWSError.transport {
            throw unwatched("no answer came, so it may have begun")
        } catch {
            try await discard(changeSet.arn, of: stack)
            throw error
        }
        return watch
    }

    /// Watches an operation to its end.
    ///
    /// - Throws: ``UserFacingError`` that names the first resource that failed.
    package func finish(_ watch: StackWatch, accepting more: [String] = []) async throws {
        var watch = watch
        let outcome = try await watch.end()
        guard let status = outcome.status, status.isSuccess || more.contains(status.rawValue) else {
            throw problem(outcome)
        }
    }
}

extension StackDeployment {
    /// The first failure of an operation, and its remedy.
    package func problem(_ outcome: StackOutcome) -> UserFacingError {
        let what =
            outcome.failure?.failure(ofStack: name) ?? "the stack \(name) did not come to what it was meant to be"
        let remedy = outcome.failure?.missingPermission.map { "have \($0) given to these credentials" }
        return UserFacingError(what, hint: "\(remedy ?? "put that right"); \(next(outcome.status))")
    }

    private func next(_ status: StackStatus?) -> String {
        guard let status else { return "the stack is gone" }
        switch status.rawValue {
        case "ROLLBACK_COMPLETE":
            return "nothing is left but the failed stack: \(command("destroy")), then apply again"
        case "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE":
            return "the stack is as it was before: apply again"
        case "UPDATE_ROLLBACK_FAILED": return "the stack stands in between: \(command("apply --continue-rollback"))"
        case "DELETE_FAILED": return "the stack is deleted in part: \(command("destroy")) goes on"
        case _ where status.rawValue.hasPrefix("ROLLBACK") || status.rawValue.hasPrefix("CREATE"):
            return "the stack is half made: \(command("destroy")), then apply again"
        default: return "the stack is now \(status): \(command("status")) says more"
        }
    }
}

extension StackEvent {
    /// The action that the caller lacks, when that is the reason: `iam:CreateRole`.
    fileprivate var missingPermission: String? {
        guard let reason, let found = reason.firstRange(of: "not authorized to perform: ") else { return nil }
        let action = reason[found.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == ":" || $0 == "*" }
        return action.isEmpty ? nil : String(action)
    }
}
