import AWSAuth
import BursarConsole

extension StackDeployment {
    /// Deletes a stack and waits for it; the denies on its roles, which would block that, go just before.
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
                guard let document = try await account.iam.rolePolicy(deny.policy, role: deny.role) else { continue }
                // It was looked at before the question, which may have stood for an hour.
                guard SessionRevocationPolicy(policyName: deny.policy, document: document) != nil else {
                    throw UserFacingError(
                        "\(deny.policy) on the role \(deny.role) was changed meanwhile and is not a deny of ours",
                        hint: "look at it, and run \(command("destroy")) again"
                    )
                }
                try await account.iam.deleteRolePolicy(deny.policy, role: deny.role)
                account.changes?.add("iam:DeleteRolePolicy \(deny.policy) on role \(deny.role)")
                removed.append(RemovedDeny(deny: deny, document: document))
                terminal.note("removed \(deny.policy) from the role \(deny.role)")
            }
            isAsked = true
            try await cloudFormation.deleteStack(stack.id, token: newName())
            account.changes?.add("cloudformation:DeleteStack \(stack.id)")
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

    /// A stack that stays is as hard to delete as before.
    private func protectAgain(_ stack: String) async {
        do {
            try await StopSignals.ignoring { [self] in try await protect(stack, true) }
        } catch {
            terminal.warn(
                UserFacingError(
                    "the stack \(name) is no longer protected from deletion",
                    hint: "\(command("apply")) protects it"
                )
            )
        }
    }

    /// Were they put back now, AWS could not delete the role.
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

    /// Sessions that were ended would live again, were the role to stay without its denies.
    private func putBack(_ removed: [RemovedDeny]) async {
        for entry in removed {
            let (deny, document, account) = (entry.deny, entry.document, account)
            do {
                let isBack = try await StopSignals.ignoring {
                    guard try await account.iam.role(deny.role) != nil else { return false }
                    try await account.iam.putRolePolicy(deny.policy, document: document, role: deny.role)
                    account.changes?.add("iam:PutRolePolicy \(deny.policy) on role \(deny.role)")
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

/// AWS has said that it can't; in all other cases it may still be at work.
struct FailedDeletion: Error {
    let problem: UserFacingError
}

private struct RemovedDeny: Sendable {
    let deny: SessionDeny
    let document: String
}
