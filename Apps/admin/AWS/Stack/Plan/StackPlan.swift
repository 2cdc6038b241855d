import AWSAuth
import BursarConsole

/// What a template would change, as CloudFormation worked it out.
struct StackPlan: Sendable {
    /// The ARN of the stack.
    let stack: String
    /// nil when there is nothing to change.
    let changeSet: ChangeSet?

    var changes: [PlannedChange] { (changeSet?.changes ?? []).map { PlannedChange($0) } }
}

extension StackDeployment {
    /// How often CloudFormation is asked whether it has worked out a change set, and how long between.
    private static let tries = 100
    /// Somebody waits, who may have typed Ctrl-C.
    private static let longestDiscard = Duration.seconds(30)

    /// Has CloudFormation work out what `template` would change.
    ///
    /// Whoever gets a plan with a change set executes it or discards it.
    func plan(_ template: String, for existing: CloudFormationStack?) async throws -> StackPlan {
        let isNew = existing == nil || existing?.status == .review
        if let existing, existing.status == .review {
            terminal.note("the stack \(name) has been planned before and never made; it has no resources yet")
        }
        let change = NewChangeSet(
            name: newName(),
            stack: name,
            kind: isNew ? .create : .update,
            template: template,
            tags: [Self.tag],
            description: "made by admin aws",
            capabilities: ["CAPABILITY_IAM"]
        )
        let made = try await create(change)
        do {
            try Task.checkCancellation()
            let changeSet = try await workedOut(made.changeSet)
            guard changeSet.status != .failed else {
                try await discard(made.changeSet, of: made.stack)
                guard changeSet.isEmpty else { throw failure(changeSet) }
                return StackPlan(stack: made.stack, changeSet: nil)
            }
            return StackPlan(stack: made.stack, changeSet: changeSet)
        } catch let problem as UserFacingError {
            throw problem
        } catch {
            try? await discard(made.changeSet, of: made.stack)
            throw error
        }
    }

    /// Throws a change set away, and with it a stack that was only there for it.
    func discard(_ changeSet: String, of stack: String) async throws {
        let (terminal, again) = (terminal, command("plan"))
        do {
            try await StopSignals.ignoring(atMost: Self.longestDiscard) {
                try await cloudFormation.deleteChangeSet(changeSet)
                guard let left = try await cloudFormation.stack(stack), left.status == .review,
                    try await changeSets(of: stack).allSatisfy({ $0.arn == changeSet })
                else { return }
                try await cloudFormation.deleteStack(stack, token: newName())
            }
        } catch {
            // It does nothing by itself, so this is no reason to fail.
            terminal.warn(
                UserFacingError(
                    "the change set \(changeSet) is left; it does nothing by itself",
                    hint: "\(again) goes on"
                )
            )
        }
    }

    private func create(_ change: NewChangeSet) async throws -> (changeSet: String, stack: String) {
        do {
            // Its answer names what is to be deleted again, so Ctrl-C waits for that.
            return try await StopSignals.ignoring { try await cloudFormation.createChangeSet(change) }
        } catch AWSError.refused(let refusal) where refusal.code == "AlreadyExistsException" {
            throw meanwhile()
        } catch AWSError.refused(let refusal) where refusal.code == "LimitExceededException" {
            throw UserFacingError(
                "CloudFormation has reached a limit of this account: \(refusal.message ?? refusal.code)",
                hint: "delete stacks or change sets that nobody needs, or have the limit raised"
            )
        } catch  where error is CancellationError || (error as? AWSError)?.isRetryable == true {
            terminal.note(
                "no answer came: the change set \(change.name) may be left; it does nothing, and the next plan goes on"
            )
            throw error
        } catch AWSError.refused(let refusal) where refusal.code == "ValidationError" {
            // Since the stack was looked at, somebody else may have begun.
            if let now = try await cloudFormation.stack(name), let problem = obstacle(to: now) { throw problem }
            throw AWSError.refused(refusal)
        }
    }

    /// Ctrl-C came before AWS was told to begin.
    func stopped(_ words: String) -> UserFacingError {
        UserFacingError("stopped; nothing was changed", hint: "\(command(words)) begins anew")
    }

    /// Somebody else was faster.
    func meanwhile() -> UserFacingError {
        UserFacingError(
            "somebody else changed the stack \(name) meanwhile, so this plan no longer holds",
            hint: "\(command("plan")) shows what is left to do"
        )
    }

    private func workedOut(_ arn: String) async throws -> ChangeSet {
        var pause = PollingInterval()
        for _ in 0..<Self.tries {
            let changeSet: ChangeSet
            do {
                changeSet = try await cloudFormation.changeSet(arn)
            } catch AWSError.refused(let refusal) where refusal.code == "ChangeSetNotFound" {
                throw meanwhile()
            }
            switch changeSet.status {
            case .ready, .failed: return changeSet
            case .pending, .working: try await Task.sleep(for: pause.next())
            case .deletePending, .deleting, .deleted, .deleteFailed: throw meanwhile()
            }
        }
        throw AWSError.malformedAnswer(service: .cloudFormation, status: 200, requestID: nil, detail: "Status")
    }

    private func failure(_ changeSet: ChangeSet) -> UserFacingError {
        UserFacingError(
            "CloudFormation can't do this: \(changeSet.statusReason ?? "it doesn't say why")",
            hint: "nothing was changed; \(command("template")) prints what was sent"
        )
    }
}
