import AWSAuth
package import AWSClients
package import BursarConsole
import BursarModel

/// The changes that a template would make, as CloudFormation computed them.
package struct StackPlan: Sendable {
    /// The ARN of the stack.
    package let stack: String
    /// nil when there is nothing to change.
    package let changeSet: ChangeSet?

    package var changes: [PlannedChange] { (changeSet?.changes ?? []).map { PlannedChange($0) } }
}

extension StackDeployment {
    /// The number of polls for a change set.
    private static let tries = 100
    /// The time limit for cleaning up after Ctrl-C, while the operator waits.
    private static let longestDiscard = Duration.seconds(30)

    /// Returns the changes that an update to `options` would make, and warns of drift.
    ///
    /// The caller discards the change set.
    package func preview(_ options: StackOptions) async throws -> StackPlan {
        do {
            let existing = try await existing()
            if let existing, let problem = obstacle(to: existing) { throw problem }
            if let existing, existing.status != .review { await warnOfDrift(existing) }
            return try await plan(try await template(options, for: existing), for: existing)
        } catch is CancellationError {
            throw stopped("plan")
        }
    }

    /// Has CloudFormation compute the changes that `template` would make.
    ///
    /// The caller executes or discards a plan with a change set.
    package func plan(_ template: String, for existing: CloudFormationStack?) async throws -> StackPlan {
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

    /// Deletes a change set, and the stack if it exists only for that.
    package func discard(_ changeSet: String, of stack: String) async throws {
        let (terminal, again) = (terminal, command("plan"))
        do {
            try await Uncancelled.run(atMost: Self.longestDiscard) {
                try await cloudFormation.deleteChangeSet(changeSet)
                guard let left = try await cloudFormation.stack(stack), left.status == .review,
                    try await changeSets(of: stack).allSatisfy({ $0.arn == changeSet })
                else { return }
                try await cloudFormation.deleteStack(stack, token: newName())
            }
        } catch {
            // A change set does nothing by itself, so a leftover is no failure.
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
            // The response names what has to be deleted again, so Ctrl-C waits for it.
            return try await Uncancelled.run { try await cloudFormation.createChangeSet(change) }
        } catch AWSError.refused(let refusal) where refusal.code == "AlreadyExistsException" {
            throw meanwhile()
        } catch AWSError.refused(let refusal) where refusal.code == "LimitExceededException" {
            throw UserFacingError(
                "CloudFormation has reached a limit of this account: \(refusal.message ?? refusal.code)",
                hint: "delete stacks or change sets that are no longer needed, or have the limit raised"
            )
        } catch  where error is CancellationError || (error as? AWSError)?.isRetryable == true {
            terminal.note(
                "no answer came: the change set \(change.name) may be left; it does nothing, and the next plan goes on"
            )
            throw error
        } catch AWSError.refused(let refusal) where refusal.code == "ValidationError" {
            // Another operation may have begun since the stack was checked.
            if let now = try await cloudFormation.stack(name), let problem = obstacle(to: now) { throw problem }
            throw AWSError.refused(refusal)
        }
    }

    /// The error for Ctrl-C before AWS began.
    package func stopped(_ words: String) -> UserFacingError {
        UserFacingError("stopped; nothing was changed", hint: "\(command(words)) begins again")
    }

    /// The error for a stack that another operator changed in the meantime.
    package func meanwhile() -> UserFacingError {
        UserFacingError(
            "another operator changed the stack \(name) meanwhile, so this plan no longer holds",
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
        throw AWSError.malformedResponse(service: .cloudFormation, status: 200, requestID: nil, detail: "Status")
    }

    private func failure(_ changeSet: ChangeSet) -> UserFacingError {
        UserFacingError(
            "CloudFormation can't do this: \(changeSet.statusReason ?? "it doesn't say why")",
            hint: "nothing was changed; \(command("template")) prints what was sent"
        )
    }
}

/// A resource that a plan adds, changes or removes.
package struct PlannedChange: Encodable, Sendable {
    package let action: String
    package let resource: String
    package let type: String
    /// `yes`, `no`, `maybe`, or nil where there is nothing to replace.
    package let replaced: String?
    package let properties: [String]
    /// The resource's present id in AWS.
    package let id: String?

    package init(_ change: ResourceChange) {
        resource = change.logicalID
        type = change.type
        id = change.physicalID
        switch change.action {
        case .add: action = "add"
        case .modify: action = "change"
        // The template always retains these.
        case .remove:
            let isKept = change.policyAction == "Retain" || [DeletionPlan.volume, DeletionPlan.logGroup].contains(type)
            action = isKept ? "let go" : "remove"
        case .other(let word): action = word.lowercased()
        }
        switch (change.action, change.replacement) {
        case (.modify, .always): replaced = "yes"
        case (.modify, .conditional): replaced = "maybe"
        case (.modify, .never): replaced = "no"
        default: replaced = nil
        }
        var names: [String] = []
        for detail in change.details {
            let name = detail.attribute == "Properties" ? detail.name ?? detail.attribute : detail.attribute
            if !names.contains(name) { names.append(name) }
        }
        properties = names.isEmpty ? change.scope : names
    }
}

extension [PlannedChange] {
    /// `2 to add, 1 to change (1 replaced), 0 to remove`.
    package var summary: String {
        let added = count { $0.action == "add" }
        let removed = count { $0.action == "remove" || $0.action == "let go" }
        let replaced = count { $0.replaced == "yes" || $0.replaced == "maybe" }
        let detail = replaced == 0 ? "" : " (\(replaced) replaced by new ones)"
        return "\(added) to add, \(count - added - removed) to change\(detail), \(removed) to remove"
    }
}

extension StackDeployment {
    /// Warns of a database volume that leaves the stack: it is kept, but no longer part of any stack.
    package func warnOfVolumes(_ changes: [PlannedChange]) {
        for change in changes where change.type == DeletionPlan.volume {
            guard change.action == "let go" || ["yes", "maybe"].contains(change.replaced) else { continue }
            let id = change.id ?? change.resource
            let what = change.replaced == "maybe" ? "may leave" : "leaves"
            terminal.warn(
                UserFacingError(
                    "the volume \(id) \(what) the stack; it is kept, with the database on it",
                    hint: "\(command("user-data --volume-id \(id)")) has an instance go on with it"
                )
            )
        }
    }
}

extension StackDeployment {
    /// Returns the requested template; options that aren't given keep the stack's values.
    ///
    /// Prints the kept and the changed options.
    package func template(_ typed: StackOptions, for existing: CloudFormationStack?) async throws -> String {
        guard let existing, existing.status != .review else {
            let configuration = try typed.configuration(region: region) { terminal.warn($0) }
            let template = try StackTemplate(configuration).body
            if typed.regions.isEmpty {
                terminal.note("researchers may call AWS in \(region); --regions says otherwise")
            }
            for warning in configuration.unmetered { terminal.warn(warning) }
            return template
        }
        let deployed = try await deployedOptions(existing)
        let configuration = try typed.keeping(deployed).configuration(region: region) { terminal.warn($0) }
        let template = try StackTemplate(configuration).body
        report(DeployedOptions(configuration).entries, instead: deployed.entries, configuration)
        if configuration.regions == nil, deployed.regions == nil {
            terminal.warn(
                UserFacingError(
                    "researchers may call AWS in any region, as before: a call is in the log of its own region alone",
                    hint: "\(command("apply --regions \(region)")) limits where it may be made"
                )
            )
        }
        for warning in configuration.unmetered { terminal.warn(warning) }
        return template
    }

    private func deployedOptions(_ stack: CloudFormationStack) async throws -> DeployedOptions {
        let outputs = StackOutputs(stack.outputs)
        var options = try DeployedOptions(parsing: try await cloudFormation.template(ofStack: stack.id))
        if options == nil {
            terminal.warn(
                UserFacingError(
                    "the stack \(name) doesn't say with which options it was made: what isn't given gets its default",
                    hint: "give all of them this time; from then on they are kept"
                )
            )
            options = DeployedOptions()
            options?.externalID = outputs[.externalID]
        }
        var known = options ?? DeployedOptions()
        known.addresses = outputs[.allow]
        return known
    }

    private func report(
        _ now: [DeployedOptions.Entry],
        instead before: [DeployedOptions.Entry],
        _ configuration: StackConfiguration
    ) {
        let pairs = zip(before, now)
        let same = pairs.filter { $0.value == $1.value }.compactMap { entry, _ in
            entry.value.map { "--\(entry.option) \($0)" }
        }
        if !same.isEmpty { terminal.note("as before: \(same.joined(separator: ", "))") }
        for (old, new) in pairs where old.value != new.value {
            let line = "\(new.option): \(old.value ?? old.otherwise) → \(new.value ?? new.otherwise)"
            let opens = new.option == "ip" && configuration.allowed?.includesEverybody == true
            if new.value == nil || opens { terminal.warn(UserFacingError(line)) } else { terminal.note(line) }
        }
    }
}
