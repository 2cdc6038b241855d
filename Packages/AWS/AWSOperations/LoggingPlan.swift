import AWSAuth
package import AWSClients
package import BursarConsole

/// The changes that switch invocation logging on in some regions, decided from what is there.
package struct LoggingPlan: Sendable, Equatable {
    /// The choices of an operator.
    package struct Options: Sendable, Equatable {
        /// The time that a new log group keeps its events for, in days.
        package static let usualRetention = 90
        /// The shortest time, in days: what is read again goes back 3 days.
        package static let shortestRetention = 5

        /// True if another's configuration may be read from.
        package var adopts: Bool
        /// In days; nil leaves the retention of an existing group as it is.
        package var retention: Int?
        /// The ARN of the policy that limits a new role; nil is none.
        package var boundary: String?

        package init(adopts: Bool = false, retention: Int? = nil, boundary: String? = nil) {
            self.adopts = adopts
            self.retention = retention
            self.boundary = boundary
        }
    }

    /// A change in one region, in the order of its cases.
    package enum Step: Sendable, Equatable {
        case createGroup
        /// In days.
        case setRetention(Int, was: Int?)
        /// Logging is off, and is switched on.
        case configure
        /// Bursar's own configuration has flags on, which another operator changed.
        case removeBodies([InvocationLogging.Body])
    }

    /// A change of the role that Bedrock writes with.
    package enum RoleStep: Sendable, Equatable {
        case create
        case updateTrust
        case putRights
    }

    /// The role as IAM has it: the regions of its two policies.
    package enum RoleState: Sendable, Equatable {
        case missing
        case present(trust: Set<String>, rights: Set<String>)
        /// A role of that name with other content; the text names the part.
        case foreign(String)
    }

    package enum Decision: Sendable, Equatable {
        /// None if the region is as it should be.
        case steps([Step])
        /// Another's configuration is read from, and nothing is changed.
        case adopted(String)
        case refused(Refusal)
    }

    package enum Refusal: Sendable, Equatable {
        /// Another's configuration, which could be read from.
        case another(InvocationLogging)
        case unreadable(UnreadableLog)
        /// A log group of Bursar's name that can't be used.
        case group(UnreadableLog)
    }

    package let role: InvocationLogRole
    package let options: Options
    package let roleSteps: [RoleStep]
    package let states: [RegionLogging]
    package let decisions: [Decision]

    /// Decides what to do.
    ///
    /// - Parameters:
    ///   - states: the regions, as they are.
    ///   - role: the account's role; its regions don't matter.
    ///   - roleState: that role, as it is.
    ///   - options: the operator's choices.
    package init(_ states: [RegionLogging], role: InvocationLogRole, _ roleState: RoleState, _ options: Options) {
        let decisions = states.map { Self.decision($0, role, options) }
        let own = zip(states, decisions).filter { if case .steps = $1 { true } else { false } }.map(\.0.region)
        var target = role
        target.regions = Set(own)
        var steps: [RoleStep] = []
        if !own.isEmpty {
            switch roleState {
            case .missing: steps = [.create, .putRights]
            case .present(let trust, let rights):
                // A region that another run added stays.
                target.regions.formUnion(trust.union(rights))
                if trust != target.regions { steps.append(.updateTrust) }
                if rights != target.regions { steps.append(.putRights) }
            case .foreign: break
            }
        }
        self.role = target
        self.options = options
        self.states = states
        self.decisions = decisions
        roleSteps = steps
    }

    private static func decision(_ state: RegionLogging, _ role: InvocationLogRole, _ options: Options) -> Decision {
        guard let configuration = state.configuration else {
            if let group = state.group, group.logClass != LogGroup.standard {
                return .refused(.group(.otherClass(group)))
            }
            return .steps(groupSteps(state.group, options) + [.configure])
        }
        if state.owner(role) == .bursar {
            if let group = state.group, group.logClass != LogGroup.standard {
                return .refused(.group(.otherClass(group)))
            }
            // With a bucket beside the log group, another operator has made it theirs as well.
            if !configuration.bodies.isEmpty, configuration.bucket != nil || configuration.logGroup?.largeBodies != nil
            {
                return .refused(.unreadable(.bodies(configuration.bodies)))
            }
            let repair = configuration.bodies.isEmpty ? [] : [Step.removeBodies(configuration.bodies)]
            return .steps(groupSteps(state.group, options) + repair)
        }
        if let reason = state.unreadable { return .refused(.unreadable(reason)) }
        guard options.adopts, let target = configuration.logGroup else { return .refused(.another(configuration)) }
        return .adopted(target.name)
    }

    private static func groupSteps(_ group: LogGroup?, _ options: Options) -> [Step] {
        guard let group else {
            return [.createGroup, .setRetention(options.retention ?? Options.usualRetention, was: nil)]
        }
        guard let days = options.retention, days != group.retention else { return [] }
        return [.setRetention(days, was: group.retention)]
    }

    /// The regions whose log group keeps its events for ever, and will.
    ///
    /// A run that stopped after it made the group may have left it so. It isn't set here by itself, since events that are
    /// older than a retention are lost.
    package var unlimited: [String] {
        guard options.retention == nil else { return [] }
        return zip(states, decisions).compactMap { state, decision in
            guard case .steps = decision, let group = state.group, group.retention == nil else { return nil }
            return state.region
        }
    }

    /// True if everything is as it should be.
    package var isEmpty: Bool {
        roleSteps.isEmpty && decisions.allSatisfy { if case .steps(let steps) = $0 { steps.isEmpty } else { true } }
    }
}

// MARK: Refusals

extension LoggingPlan {
    /// The reasons not to begin, a region each; `roleState` is the one that the plan was made from.
    package func refusals(_ roleState: RoleState) -> [UserFacingError] {
        var problems = zip(states, decisions).compactMap { state, decision -> UserFacingError? in
            guard case .refused(let refusal) = decision else { return nil }
            return refusal.problem(in: state.region)
        }
        if case .foreign(let part) = roleState, !role.regions.isEmpty {
            problems.append(
                UserFacingError(
                    "the \(part) of role \(InvocationLogName.role) is not as this program writes it, "
                        + "so it is left alone",
                    hint: "look at it: aws iam get-role --role-name \(InvocationLogName.role); delete the role, go on"
                )
            )
        }
        return problems
    }
}

extension LoggingPlan.Refusal {
    fileprivate func problem(in region: String) -> UserFacingError {
        switch self {
        case .another(let configuration):
            let group = configuration.logGroup?.name ?? ""
            return UserFacingError(
                "\(region): another logging configuration is there, which writes into \(group); it is left alone",
                hint: "it has no prompts and answers: --adopt reads from it as it is"
            )
        case .group(let reason): return reason.problem(in: region)
        case .unreadable(let reason):
            let problem = reason.problem(in: region)
            return UserFacingError(
                "\(problem.problem); the configuration is another's, and is left alone",
                hint: problem.hint
            )
        }
    }
}

// MARK: The role's state

extension AWSAccount {
    /// Reads the role that Bedrock writes with.
    ///
    /// - Throws: ``InvocationLogCallError``, or `CancellationError`.
    package func state(of role: InvocationLogRole) async throws -> LoggingPlan.RoleState {
        try await InvocationLogCallError.naming(nil) {
            guard let found = try await iam.role(InvocationLogName.role) else { return .missing }
            guard found.arn == role.arn, let trust = found.trustPolicy.flatMap({ role.regions(inTrust: $0) }) else {
                return .foreign("trust policy")
            }
            guard let policy = try await iam.policy(InvocationLogName.policy, of: .role(InvocationLogName.role)) else {
                return .present(trust: trust, rights: [])
            }
            guard let rights = role.regions(inRights: policy) else {
                return .foreign("policy \(InvocationLogName.policy)")
            }
            return .present(trust: trust, rights: rights)
        }
    }
}
