import AWSAuth
import AWSClients
import AWSOperations
import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
import SQLiteStore
import ServerSettings
import Storage

/// Revokes sessions that AWS has issued and can't recall: the server stops handing them out, STS requests in progress
/// are waited for, and then a policy denies everything issued until then.
///
/// This order leaves no gap. Sessions that the server requested before the first step are older than the policy's
/// moment, and those after the last step are younger; in between it requests none for that researcher. The first step
/// needs only the database, so it takes effect whatever AWS responds.
struct SessionEnding: Sendable {
    struct Target: Sendable {
        let handle: Handle
        /// The keys whose sessions to revoke; nil is all of the researcher's.
        let keys: [KeyID]?
        /// True if the names of those keys' sessions distinguish them from others, and not their tags.
        var isByName = false

        /// The sessions to deny of those that AWS issued before `date`; `retained` are keys whose sessions go on.
        func cut(before date: Date, _ ended: Set<KeyID>, retained: Set<String>) -> SessionRevocationPolicy.Cut {
            isByName
                ? SessionRevocationPolicy.Cut(before: date, only: ended)
                : SessionRevocationPolicy.Cut(before: date, keys: ended, sparing: retained)
        }
    }

    let context: AdminContext
    let store: Store
    let targets: [Target]
    let roles: [RoleName]
    let aws: AWSOptions
    /// True if the policies match SourceIdentity too.
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

    /// A researcher's sessions that the server has dropped, and the policy that denies them.
    struct Ended: Sendable {
        let sessions: EndedSessions
        let end: SessionRevocationPolicy
    }

    /// The result of the first step, and AWS's clock and the operator's identity, requested meanwhile.
    struct Dropped: Sendable {
        let ended: [Ended]
        /// nil where AWS didn't respond in time: this machine's clock was taken to be right to 5 s.
        let contact: (clock: ClockSkewEstimate, identity: CallerIdentity)?

        /// The expiry of the newest of the sessions; nil when none lives according to the records.
        var liveUntil: Date? { ended.compactMap(\.sessions.liveUntil).max() }
    }

    /// The time limit for reading AWS's clock; after it this machine's is used.
    private static let timeout = Duration.seconds(5)

    /// Performs the first step, in the database: after it the server hands out no session issued before.
    ///
    /// - Throws: `CancellationError` while nothing has changed, ``UserFacingError``, or ``StoreError``.
    func drop() async throws -> Dropped {
        let contact = try? await Self.within(Self.timeout) { [context, aws] in
            try await context.account(aws).sts().compareClocks()
        }
        try Task.checkCancellation()
        let ended = try drop(by: contact?.0 ?? .unasked)
        for target in targets {
            context.terminal.note(
                "the server hands out no session of \(target.handle)'s that it has\(Self.keys(target.keys))"
            )
        }
        return Dropped(ended: ended, contact: contact.map { (clock: $0.0, identity: $0.1) })
    }

    /// Repeats the first step, with a better estimate of the clock.
    func drop(by clock: ClockSkewEstimate) throws -> [Ended] {
        let wait = isServed ? SessionRequest.longest : .zero
        return try targets.map { target in
            let sessions = try store.administration.endSessions(of: target.handle, keys: target.keys, by: context.act) {
                // The moment lies after the wait, so that it can be stored before it.
                clock.local(from: clock.cutoff(after: Date().addingTimeInterval(wait / .seconds(1))))
            }
            guard let sessions, let handle = Handle(sessions.researcher) else {
                throw UserFacingError("\(target.handle) is gone")
            }
            let cut = target.cut(
                before: clock.cutoff(reachedBy: sessions.validFrom),
                sessions.keys,
                retained: sessions.retained
            )
            return Ended(
                sessions: sessions,
                end: SessionRevocationPolicy(handle, cut, matchesSourceIdentity: setsSourceIdentity)
            )
        }
    }

    /// Performs the second step: after it no session issued before the moment can appear.
    func waitForRequests() async throws {
        guard isServed else { return }
        let seconds = Int(SessionRequest.longest / .seconds(1))
        context.terminal.note("waiting \(seconds) s for requests to STS that may be under way")
        try await Countdown(what: "waiting").wait(until: .now + SessionRequest.longest)
    }

    /// True if a server may have requested sessions that it hasn't handed out yet.
    ///
    /// The kernel's lock decides, not the server; where even that is unreadable, and for a database on a
    /// server, one is assumed.
    private var isServed: Bool {
        guard let path = context.database.file else { return true }
        do {
            return try ServerPresence.server(on: path) != nil
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

// MARK: The part that another operator does

extension SessionEnding {
    /// The command that prints the policies for another operator; it needs no permission in AWS.
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

        /// Returns commands that run as printed, after `error`; where no role is known, the hint says so.
        func hint(after error: any Error) -> String {
            let roles = sessionRoles.typedAgain(settings, without: (error as? MissingRole)?.role)
            let options = roles.options + typed
            let commands = handles.map { "admin sessions end \($0) --print --yes\(options) > end-\($0).json" }
            let lacking = roles.lacksRole ? ", with the ARN of their role for ROLE" : ""
            return "an operator who may iam:PutRolePolicy ends them with what this prints\(lacking): "
                + commands.joined(separator: "; ")
        }
    }

    /// The reason why AWS still accepts sessions that the server has dropped, and the remedy; `done` is the completed
    /// part.
    static func remaining(
        _ done: String,
        subject: String,
        until liveUntil: Date?,
        _ error: any Error,
        _ handover: Handover,
        on context: AdminContext,
        profile: String?
    ) -> UserFacingError {
        let cause =
            error is CancellationError ? UserFacingError("stopped") : AWSErrorMessages.problem(error, profile: profile)
        if let hint = cause?.hint { context.terminal.note("\(cause?.problem ?? ""): \(hint)") }
        let lifetime =
            liveUntil.map { "\(subject) live until \(Timestamp.string($0))" }
            ?? "by the records none of \(subject) is alive, and AWS denies none"
        let problem = "\(done); \(lifetime): \(cause?.problem ?? "AWS could not be told")"
        return UserFacingError(problem, hint: handover.hint(after: error))
    }
}

/// Waits, and shows the remaining time on a terminal.
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
        // The countdown is dropped when stderr can't be written.
        try? StandardStream.errors.write("\r" + line)
    }
}
