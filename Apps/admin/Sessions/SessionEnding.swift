import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Storage

/// Ends sessions that AWS has issued, which it can't take back: the server hands them out no more, requests to STS that
/// are under way are waited out, and then a policy denies everything that was issued until then.
///
/// In this order nothing slips between: what the server issued before the first step is older than the policy's moment,
/// and what it issues after the last is younger. In between it issues nothing to that researcher. The first step needs
/// the database alone, so it is done whatever AWS then says.
struct SessionEnding: Sendable {
    struct Target: Sendable {
        let handle: Handle
        /// nil is all of the researcher's.
        let keys: [KeyID]?
    }

    let context: AdminContext
    let store: Store
    let targets: [Target]
    let roles: [RoleName]
    let aws: AWSOptions
    /// Whether the policies look at SourceIdentity too.
    let setsSourceIdentity: Bool

    init(
        _ targets: [Target],
        on roles: [RoleName],
        _ context: AdminContext,
        _ store: Store,
        _ settings: SessionSettings,
        _ aws: AWSOptions
    ) {
        self.context = context
        self.store = store
        self.targets = targets
        self.roles = roles
        self.aws = aws
        setsSourceIdentity = settings.setsSourceIdentity
    }

    /// One researcher's sessions that the server has dropped, and the policy that denies them.
    struct Ended: Sendable {
        let sessions: EndedSessions
        let end: SessionRevocationPolicy
    }

    /// What the first step has done, and what AWS said of its clock and of the operator meanwhile.
    struct Dropped: Sendable {
        let ended: [Ended]
        /// nil where AWS couldn't be asked in time: this machine's clock was taken to be right to 5 s.
        let answer: (clock: ClockSkewEstimate, identity: CallerIdentity)?

        /// When the newest of the sessions ends by itself; nil when none lives by the records.
        var liveUntil: Date? { ended.compactMap(\.sessions.liveUntil).max() }
    }

    /// How long AWS's clock is waited for before this machine's is taken.
    private static let timeout = Duration.seconds(5)

    /// The first step, in the database: after it the server hands out nothing that was issued before.
    ///
    /// - Throws: `CancellationError` while nothing is done yet, ``UserFacingError``, or ``StoreError``.
    func drop() async throws -> Dropped {
        let answer = try? await Self.within(Self.timeout) { [context, aws] in
            try await context.account(aws).sts().compareClocks()
        }
        try Task.checkCancellation()
        let ended = try drop(by: answer?.0 ?? .unasked)
        for target in targets {
            context.terminal.note(
                "the server hands out no session of \(target.handle)'s that it has\(Self.keys(target.keys))"
            )
        }
        return Dropped(ended: ended, answer: answer.map { (clock: $0.0, identity: $0.1) })
    }

    /// The same again, by a clock that is known better now.
    func drop(by clock: ClockSkewEstimate) throws -> [Ended] {
        let wait = isServed ? SessionRequest.longest : .zero
        return try targets.map { target in
            let sessions = try store.endSessions(of: target.handle, keys: target.keys, by: context.act) {
                // The moment lies after the wait, so that it can be written down before it.
                clock.local(from: clock.cutoff(after: Date().addingTimeInterval(wait / .seconds(1))))
            }
            guard let sessions, let handle = Handle(sessions.researcher) else {
                throw UserFacingError("\(target.handle) is gone")
            }
            let cut = SessionRevocationPolicy.Cut(
                before: clock.cutoff(reachedBy: sessions.validFrom),
                sparing: sessions.retained
            )
            return Ended(
                sessions: sessions,
                end: SessionRevocationPolicy(handle, cut, matchesSourceIdentity: setsSourceIdentity)
            )
        }
    }

    /// The second step: after it no session can turn up that was issued before the moment.
    func waitForRequests() async throws {
        guard isServed else { return }
        let seconds = Int(SessionRequest.longest / .seconds(1))
        context.terminal.note("waiting \(seconds) s for requests to STS that may be under way")
        try await Countdown(what: "waiting").wait(until: .now + SessionRequest.longest)
    }

    /// Whether a server may have asked for sessions that nobody has yet.
    ///
    /// The kernel says so, not the server; where even that can't be told, one has to be assumed.
    private var isServed: Bool {
        do {
            return try ServerPresence.server(on: context.databasePath) != nil
        } catch {
            return true
        }
    }

    static func keys(_ keys: [KeyID]?) -> String {
        guard let keys else { return "" }
        return " for \(keys.map(\.description).joined(separator: ", "))"
    }

    private static func within<Value: Sendable>(
        _ time: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: time)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

// MARK: What is left to somebody else

extension SessionEnding {
    /// What prints the policies for whoever may put them: it asks AWS for nothing that takes a permission.
    struct Handover {
        let handles: [Handle]
        let sessionRoles: SessionRoles
        let settings: SessionSettings
        /// --database and --config.
        let typed: String

        init(_ handles: [Handle], _ sessionRoles: SessionRoles, _ settings: SessionSettings, _ context: AdminContext) {
            self.handles = handles
            self.sessionRoles = sessionRoles
            self.settings = settings
            typed = context.typed
        }

        /// Commands that run as they are printed, after `error`; where no role is known, one is named as lacking.
        func hint(after error: any Error) -> String {
            let roles = sessionRoles.typedAgain(settings, without: (error as? MissingRole)?.role)
            let options = roles.options + typed
            let commands = handles.map { "admin sessions end \($0) --print --yes\(options) > end-\($0).json" }
            let lacking = roles.lacksRole ? ", with the ARN of their role for ROLE" : ""
            return "whoever may iam:PutRolePolicy ends them with what this prints\(lacking): "
                + commands.joined(separator: "; ")
        }
    }

    /// Why AWS still takes what the server has dropped, and what to do about it; `done` is what stands all the same.
    static func remaining(
        _ done: String,
        whose: String,
        until liveUntil: Date?,
        _ error: any Error,
        _ handover: Handover,
        on context: AdminContext,
        profile: String?
    ) -> UserFacingError {
        let cause =
            error is CancellationError ? UserFacingError("stopped") : AWSErrorMessages.problem(error, profile: profile)
        if let hint = cause?.hint { context.terminal.note("\(cause?.problem ?? ""): \(hint)") }
        let life =
            liveUntil.map { "\(whose) live until \(Timestamp.string($0))" }
            ?? "by the records none of \(whose) is alive, and AWS denies none"
        let problem = "\(done); \(life): \(cause?.problem ?? "AWS could not be told")"
        return UserFacingError(problem, hint: handover.hint(after: error))
    }
}

/// Lets time pass, and says how much is left on a terminal.
struct Countdown {
    private static let step = Duration.milliseconds(200)

    let what: String

    /// Returns at `end`.
    ///
    /// - Throws: `CancellationError`.
    func wait(until end: ContinuousClock.Instant) async throws {
        let isShown = StandardStream.errors.isTerminal
        var shown = ""
        defer { if !shown.isEmpty { show(String(repeating: " ", count: shown.count) + "\r") } }
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            if isShown {
                shown = "\(what): \(Int((left / .seconds(1)).rounded(.up))) s "
                show(shown)
            }
            try await Task.sleep(for: min(left, Self.step))
        }
    }

    private func show(_ line: String) {
        // Nobody is left to tell when stderr can't be written.
        try? StandardStream.errors.write("\r" + line)
    }
}
