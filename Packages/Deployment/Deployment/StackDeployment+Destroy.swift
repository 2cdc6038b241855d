import AWSAuth
import AWSClients
import BursarConsole

extension StackDeployment {
    /// Deletes the stack, and whatever blocks its deletion.
    ///
    /// `approve` shows the plan, nil for a stack without resources, and asks for consent; it throws to refuse.
    package func destroy(
        alsoDeleting deleted: Set<String>,
        approve: (DeletionPlan?) async throws -> Void
    ) async throws {
        guard let stack = try await existing() else {
            return terminal.note("there is no stack \(name) in \(place): it is gone, or was never made")
        }
        if stack.status == .deleting {
            terminal.note("the stack \(name) is being deleted already; watching that")
            do {
                return try await finishDeletion(StackWatch(self, during: stack.id))
            } catch let failure as FailedDeletion {
                throw failure.problem
            }
        }
        guard !stack.status.isInProgress else { throw busy(stack) }
        guard stack.status != .review else {
            try await agree(to: nil, approve)
            return try await delete(stack)
        }
        let template = try DeployedTemplate(parsing: try await cloudFormation.template(ofStack: stack.id))
        let resources = try await cloudFormation.resources(ofStack: stack.id)
        try await refuseForeignPolicies(resources, template)
        let deletionPlan = DeletionPlan(resources, template, alsoDeleting: deleted)
        try await agree(to: deletionPlan, approve)

        try await deleteKept(deletionPlan)
        try await delete(stack, without: try await denies(in: resources))
        for row in deletionPlan.kept {
            terminal.note("kept: \(row.resource), \(row.id ?? row.type)")
            guard row.type == DeletionPlan.volume, let id = row.id else { continue }
            terminal.note(
                "the database is on it: after another apply, \(command("user-data --volume-id \(id)")) goes on with it"
            )
        }
    }

    /// Refuses policies on the stack's roles that the stack doesn't own.
    ///
    /// They would stop AWS half way, and deleting them is their owner's decision.
    private func refuseForeignPolicies(_ resources: [StackResource], _ template: DeployedTemplate) async throws {
        let own = Set(resources.filter { $0.type == "AWS::IAM::ManagedPolicy" }.compactMap(\.physicalID))
        for role in Self.roles(in: resources) {
            var inline: [String] = []
            for policy in try await inlinePolicies(ofRole: role) where !template.inlinePolicies.contains(policy) {
                guard let document = try await clients.iam.policy(policy, of: .role(role)) else { continue }
                if SessionRevocationPolicy(policyName: policy, document: document) == nil { inline.append(policy) }
            }
            let attached = try await attachedPolicies(ofRole: role).map(\.arn).filter { !own.contains($0) }
            guard let first = (inline + attached).first else { continue }
            throw UserFacingError(
                "the role \(role) has policies that are not the stack's: \((inline + attached).joined(separator: ", "))",
                hint: attached.isEmpty
                    ? "aws iam delete-role-policy --role-name \(role) --policy-name \(first), then again"
                    : "aws iam detach-role-policy --role-name \(role) --policy-arn \(attached[0]), then again"
            )
        }
    }

    private func agree(to plan: DeletionPlan?, _ approve: (DeletionPlan?) async throws -> Void) async throws {
        do {
            try await approve(plan)
        } catch is CancellationError {
            throw UserFacingError("stopped; nothing was changed")
        }
    }

    /// Deletes retained resources first: an attached volume can't be deleted, and then nothing else is deleted either.
    private func deleteKept(_ deletionPlan: DeletionPlan) async throws {
        for id in deletionPlan.ids(DeletionPlan.volume) {
            do {
                try await clients.ec2().deleteVolume(id)
            } catch AWSError.refused(let refusal) where refusal.code == "VolumeInUse" {
                throw UserFacingError(
                    "the volume \(id) is attached to an instance, so nothing was deleted",
                    hint: "terminate the instance, or leave --delete-volume away to keep the volume"
                )
            }
            record("ec2:DeleteVolume \(id)")
            terminal.note("deleted the volume \(id)")
        }
        for name in deletionPlan.ids(DeletionPlan.logGroup) {
            try await clients.logs().deleteLogGroup(name)
            record("logs:DeleteLogGroup \(name)")
            terminal.note("deleted the log group \(name)")
        }
    }
}

extension StackDeployment {
    /// Deletes a stack and waits for it.
    ///
    /// The denies on its roles, which would block that, are deleted just before.
    func delete(_ stack: CloudFormationStack, without denies: [SessionDeny] = []) async throws {
        let watch = try await StackWatch(self, before: stack.id)
        var removed: [RemovedDeny] = []
        var isAsked = false
        var wasProtected = false
        do {
            if stack.isProtectedFromDeletion {
                try await protect(stack.id, false)
                wasProtected = true
            }
            for deny in denies {
                guard let document = try await clients.iam.policy(deny.policy, of: .role(deny.role)) else { continue }
                // The document was checked before the prompt, which may have been open for an hour.
                guard SessionRevocationPolicy(policyName: deny.policy, document: document) != nil else {
                    throw UserFacingError(
                        "\(deny.policy) on the role \(deny.role) was changed meanwhile and is not one of Bursar's denies",
                        hint: "look at it, and run \(command("destroy")) again"
                    )
                }
                try await clients.iam.deletePolicy(deny.policy, of: .role(deny.role))
                record("iam:DeleteRolePolicy \(deny.policy) on role \(deny.role)")
                removed.append(RemovedDeny(deny: deny, document: document))
                terminal.note("removed \(deny.policy) from the role \(deny.role)")
            }
            isAsked = true
            try await cloudFormation.deleteStack(stack.id, token: newName())
            record("cloudformation:DeleteStack \(stack.id)")
        } catch  where isAsked && (error is CancellationError || (error as? AWSError)?.isRetryable == true) {
            warn(of: removed)
            throw unwatched("no answer came, so it may have begun")
        } catch {
            await putBack(removed)
            if wasProtected { await protectAgain(stack.id) }
            throw error
        }
        do {
            try await finishDeletion(watch)
        } catch let failure as FailedDeletion {
            await putBack(removed)
            if wasProtected { await protectAgain(stack.id) }
            throw failure.problem
        } catch {
            warn(of: removed)
            throw error
        }
    }

    /// Restores the protection of a stack that stays.
    private func protectAgain(_ stack: String) async {
        do {
            try await Uncancelled.run { [self] in try await protect(stack, true) }
        } catch {
            terminal.warn(
                UserFacingError(
                    "the stack \(name) is no longer protected from deletion",
                    hint: "\(command("apply")) protects it"
                )
            )
        }
    }

    /// Warns of removed denies.
    ///
    /// Putting them back now would keep AWS from deleting the role.
    private func warn(of removed: [RemovedDeny]) {
        guard !removed.isEmpty else { return }
        let handles = removed.map { $0.deny.policy.dropFirst(SessionRevocationPolicy.prefix.count) }.joined(
            separator: ", "
        )
        terminal.warn(
            UserFacingError(
                "should the role stay, sessions that were ended may work again: \(handles)",
                hint: "admin sessions end HANDLE for each, unless the stack goes"
            )
        )
    }

    /// Restores the denies: if the role stayed without them, revoked sessions would work again.
    private func putBack(_ removed: [RemovedDeny]) async {
        for entry in removed {
            let (deny, document) = (entry.deny, entry.document)
            do {
                let isBack = try await Uncancelled.run { [self] in
                    guard try await clients.iam.role(deny.role) != nil else { return false }
                    try await clients.iam.putPolicy(deny.policy, document: document, of: .role(deny.role))
                    record("iam:PutRolePolicy \(deny.policy) on role \(deny.role)")
                    return true
                }
                if isBack { terminal.note("put \(deny.policy) back on the role \(deny.role)") }
            } catch {
                terminal.warn(
                    UserFacingError(
                        "\(deny.policy) could not be put back on the role \(deny.role): sessions that were ended may work",
                        hint: "admin sessions end \(deny.policy.dropFirst(SessionRevocationPolicy.prefix.count))"
                    )
                )
            }
        }
    }

    func finishDeletion(_ watch: StackWatch) async throws {
        var watch = watch
        let outcome = try await watch.end()
        guard outcome.status == nil else { throw FailedDeletion(problem: problem(outcome)) }
        terminal.note("the stack \(name) is gone")
    }
}

/// A deletion that AWS has given up; after any other error it may still be in progress.
struct FailedDeletion: Error {
    let problem: UserFacingError
}

private struct RemovedDeny: Sendable {
    let deny: SessionDeny
    let document: String
}
