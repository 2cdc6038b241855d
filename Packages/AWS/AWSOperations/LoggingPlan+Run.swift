import AWSAuth
import AWSClients
import BursarConsole

/// Carrying a plan out: the role first, then region after region, each change on record once AWS has made it.
extension LoggingPlan {
    /// The pauses before Bedrock is asked again to take a role that IAM may not show everywhere yet.
    private static let patience: [Duration] = [1, 2, 4, 8].map { .seconds($0) }

    /// Makes the changes; `note` receives each.
    ///
    /// Interrupted, it continues when it is run again.
    ///
    /// - Throws: ``InvocationLogCallError``; ``UserFacingError`` when a change can't be recorded, or when another
    ///   operator changed a region meanwhile; or `CancellationError`.
    package func run(in account: AWSAccount, note: (String) -> Void) async throws {
        try account.changes?.check()
        for step in roleSteps {
            try await InvocationLogCallError.naming(nil) { try await make(step, in: account) }
            note(Self.words(step))
        }
        for (state, decision) in zip(states, decisions) {
            guard case .steps(let steps) = decision, !steps.isEmpty else { continue }
            let clients = try await InvocationLogCallError.naming(state.region) {
                try account.invocationLog(in: state.region)
            }
            for step in steps {
                try await InvocationLogCallError.naming(state.region) { try await make(step, state, clients, account) }
                note("\(state.region): \(Self.words(step))")
            }
        }
    }

    private func make(_ step: RoleStep, in account: AWSAccount) async throws {
        let name = InvocationLogName.role
        switch step {
        case .create:
            _ = try await account.iam.createRole(name, trust: role.trust.compact(), boundary: options.boundary)
            account.changes?.add("iam:CreateRole \(role.arn)")
        case .updateTrust:
            try await account.iam.updateTrust(ofRole: name, role.trust.compact())
            account.changes?.add("iam:UpdateAssumeRolePolicy of role \(role.arn)")
        case .putRights:
            let policy = InvocationLogName.policy
            try await account.iam.putPolicy(policy, document: role.rights.compact(), of: .role(name))
            account.changes?.add("iam:PutRolePolicy \(policy) on role \(role.arn)")
        }
    }

    private func make(
        _ step: Step,
        _ state: RegionLogging,
        _ clients: InvocationLogClients,
        _ account: AWSAccount
    ) async throws {
        let group = InvocationLogName.group
        switch step {
        case .createGroup:
            try await clients.logs.createLogGroup(group)
            account.changes?.add("logs:CreateLogGroup \(group) in \(state.region)")
        case .setRetention(let days, _):
            try await clients.logs.putRetention(ofGroup: group, days: days)
            account.changes?.add("logs:PutRetentionPolicy \(days) days of \(group) in \(state.region)")
        case .configure, .removeBodies:
            try await configure(state, clients)
            account.changes?.add("bedrock:PutModelInvocationLoggingConfiguration into \(group) in \(state.region)")
        }
    }

    /// Puts Bursar's configuration where the one is that the plan was made from, and verifies it.
    ///
    /// Bedrock has no conditional write: the configuration is read right before, so that another's that appeared since
    /// the plan is not overwritten, and right after.
    private func configure(_ state: RegionLogging, _ clients: InvocationLogClients) async throws {
        var wanted = state.configuration ?? InvocationLogging()
        wanted.logGroup = InvocationLogging.LogGroupTarget(name: InvocationLogName.group, roleARN: role.arn)
        wanted.bodies = []
        guard try await clients.bedrock.invocationLogging() == state.configuration else {
            throw Self.changed(state.region)
        }
        // A role that was made just now, or by an interrupted run, may be too new for Bedrock to write with.
        var pauses = Self.patience[...]
        while true {
            do {
                try await clients.bedrock.putInvocationLogging(wanted)
                break
            } catch AWSError.refused(let refusal) where refusal.code == "ValidationException" {
                guard let pause = pauses.popFirst() else { throw AWSError.refused(refusal) }
                try await Task.sleep(for: pause)
                guard try await clients.bedrock.invocationLogging() == state.configuration else {
                    throw Self.changed(state.region)
                }
            }
        }
        let written = try await clients.bedrock.invocationLogging()
        let isOwn = RegionLogging(region: state.region, configuration: written).owner(role) == .bursar
        guard isOwn, written?.bodies.isEmpty == true else { throw Self.changed(state.region) }
    }

    private static func changed(_ region: String) -> UserFacingError {
        UserFacingError(
            "\(region): the logging configuration is another one now: another operator may have changed it",
            hint: "run the same command again"
        )
    }
}

// MARK: Words

extension LoggingPlan {
    private static func words(_ step: RoleStep) -> String {
        switch step {
        case .create: "made role \(InvocationLogName.role)"
        case .updateTrust: "Bedrock of these regions may assume role \(InvocationLogName.role)"
        case .putRights: "role \(InvocationLogName.role) may write the logs"
        }
    }

    private static func words(_ step: Step) -> String {
        switch step {
        case .createGroup: "made log group \(InvocationLogName.group)"
        case .setRetention(let days, _): "events are kept for \(days) days"
        case .configure: "calls are logged, without prompts and answers"
        case .removeBodies: "prompts and answers are logged no more"
        }
    }
}
