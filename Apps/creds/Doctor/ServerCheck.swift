import BursarConsole
import BursarHTTP
import BursarModel

/// Whether the server answers, what it says of the key, and where it sees us: one request.
struct ServerCheck: DoctorCheck {
    /// The key command and the answer together.
    private static let limit = Duration.seconds(10)
    /// What a key command may take of it: a person may have to unlock something.
    private static let timeout = Duration.seconds(6)

    func findings(_ subject: DoctorContext) async -> [Finding] {
        guard let profile = subject.profile else {
            return [Finding.Topic.server, .clock, .key, .address].map { .skipped($0, "there is no profile to ask for") }
        }
        let key: ResearcherKey
        let deadline = min(.now.advanced(by: Self.limit), subject.deadline)
        do {
            key = try await profile.key.key(within: Self.timeout)
        } catch {
            return Self.unasked(KeyFinding.missing(error, profile.key, subject))
        }
        return await ask(profile.server, key, deadline, subject)
    }

    private func ask(
        _ server: ServerURL,
        _ key: ResearcherKey,
        _ deadline: ContinuousClock.Instant,
        _ subject: DoctorContext
    ) async -> [Finding] {
        let clock = ServerClock(now: subject.context.now)
        let left = min(ContinuousClock.now.duration(to: deadline), .seconds(6))
        let client = BursarClient(
            server: server,
            transport: subject.context.transport,
            limits: TransferLimits(connect: min(left, .seconds(3)), total: left, stall: left, body: 64 << 10),
            answered: { clock.read($0) }
        )
        do {
            let answer = try await client.whoami(key: key.text)
            return [
                .ok(.server, "\(server) answers"), clock.finding(subject), KeyFinding.known(answer, subject),
                .ok(.address, "the server sees \(answer.address)"),
            ]
        } catch BursarClientError.refused(let refusal) {
            return [.ok(.server, "\(server) answers"), clock.finding(subject)]
                + KeyFinding.refused(refusal, server, subject)
        } catch {
            return [unreachable(error, server, subject), clock.finding(subject)].filter { $0.state != .skipped }
                + [Finding.Topic.clock, .key, .address].map { .skipped($0, "the server was not reached") }
        }
    }

    private func unreachable(_ error: any Error, _ server: ServerURL, _ subject: DoctorContext) -> Finding {
        let problem = CredsErrorMessages(profile: subject.name, server: server).problem(error)
        guard case .fault(let fault) = error as? BursarClientError else {
            // Something answered, but not a Bursar server.
            let hint = problem.hint.map { "; \($0)" } ?? ""
            return .problem(.server, problem.problem + hint, fix: "curl -i \(server)/healthz")
        }
        let network = NetworkError(fault, url: "\(server)/healthz")
        return .problem(.server, network.message, fix: network.fix)
    }

    private static func unasked(_ finding: Finding) -> [Finding] {
        [.skipped(.server, "not asked without a key"), .skipped(.clock, "the server was not asked"), finding]
            + [.skipped(.address, "the server was not asked")]
    }
}
