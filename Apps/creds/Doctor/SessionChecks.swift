import AWSAuth
import AWSClients
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import SystemPackage

/// Checks the cached session and the last error.
struct SessionCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        guard let profile = subject.profile, let cache = try? subject.context.cache(profile.cacheID) else {
            return [.skipped(.session, "there is no profile to have one")]
        }
        return [session(cache, profile, subject), lastFailure(cache, subject)]
    }

    private func session(_ cache: SessionCache, _ profile: StoredProfile, _ subject: DoctorContext) -> DoctorFinding {
        let now = subject.context.now()
        guard let session = cache.read() else {
            let folder = try? subject.context.paths.cache().appending("bursar")
            let isThere = folder.flatMap { try? $0.appending("\(profile.cacheID).json").stat() } != nil
            guard isThere else { return .ok(.session, "none is kept; the next call asks for one") }
            return .warning(
                .session,
                "what is kept is damaged, so the next call asks for a new one",
                fix: subject.creds("refresh")
            )
        }
        let end = RelativeTime(until: session.expiration, at: now)
        guard end.seconds > 0 else { return .ok(.session, "ended \(end); the next call asks for one") }
        guard session.isFresh(at: now) else { return .ok(.session, "ends \(end); the next call asks for a new one") }
        return .ok(
            .session,
            "ends \(end); the first request after \(Timestamp.string(session.nextRefresh)) gets a new one"
        )
    }

    private func lastFailure(_ cache: SessionCache, _ subject: DoctorContext) -> DoctorFinding {
        guard let failure = cache.lastFailure() else { return .ok(.lastError, "none since the last success") }
        let age = RelativeTime(until: failure.date, at: subject.context.now())
        let hint = failure.hint.map { "; \($0)" } ?? ""
        return .warning(.lastError, "\(age): \(failure.problem)\(hint)", fix: subject.creds("refresh"))
    }
}

/// Checks `AWS_BEARER_TOKEN_BEDROCK`, which takes precedence over every profile for Bedrock, even when it is empty.
struct BearerTokenCheck: DoctorCheck {
    static let variable = "AWS_BEARER_TOKEN_BEDROCK"
    private static let fix = "unset \(variable)"

    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        guard let text = subject.context.environment[Self.variable] else {
            return [.ok(.bearerToken, "\(Self.variable) is not set")]
        }
        guard !text.isEmpty else { return [problem("is set, though empty, and beats every profile for Bedrock")] }
        if text.hasPrefix("ABSK") {
            return [warning("holds a long-term Bedrock key, and beats every profile for Bedrock")]
        }
        guard let token = try? DecodedBedrockToken(Secret(String(text.trimmingASCIIWhitespace()))) else {
            return [problem("holds no Bedrock token, and beats every profile for Bedrock")]
        }
        return [finding(of: token, subject)]
    }

    private func finding(of token: DecodedBedrockToken, _ subject: DoctorContext) -> DoctorFinding {
        let end = RelativeTime(until: token.latestEnd, at: subject.context.now())
        guard end.seconds > 0 else {
            return problem("beats every profile for Bedrock, and its token for \(token.region) ended \(end)")
        }
        if let set = subject.context.environmentRegion, set != token.region {
            return problem("works in \(token.region) only, but the region that is set is \(set)")
        }
        return warning("beats every profile for Bedrock; its token for \(token.region) ends \(end) at the latest")
    }

    private func problem(_ message: String) -> DoctorFinding {
        .problem(.bearerToken, "\(Self.variable) \(message)", fix: Self.fix)
    }

    private func warning(_ message: String) -> DoctorFinding {
        .warning(.bearerToken, "\(Self.variable) \(message)", fix: Self.fix)
    }
}

/// Sends one tiny request to a model, with the cached session or a new one.
struct ModelCheck: DoctorCheck {
    let model: String
    private static let maxTokens = 16

    func findings(_ subject: DoctorContext) async -> [DoctorFinding] {
        guard subject.profile != nil else { return [.skipped(.model, "there are no credentials to ask with")] }
        do {
            let finding = try await TimeLimit.run(until: subject.deadline) { try await ask(subject) }
            return [finding ?? late]
        } catch {
            let problem = CredsErrorMessages(profile: subject.name, server: subject.profile?.server).problem(error)
            return [.problem(.model, problem.problem, fix: subject.creds("refresh"))]
        }
    }

    private func ask(_ subject: DoctorContext) async throws -> DoctorFinding {
        let context = subject.context
        let vended = try ProfileSession(subject.name, context)
        guard let region = vended.region.flatMap({ try? AWSRegion($0) }) else {
            return .problem(.model, "no region is set to ask \(model) in", fix: "export AWS_REGION=us-east-1")
        }
        let endpoints = BedrockEndpoints.resolver(context, profile: subject.name.description)
        let refusal = BedrockErrorMessages(
            region: region,
            model: model,
            profile: subject.name,
            url: try? endpoints.endpoint(for: .bedrockRuntime, region: region.description).url
        )
        guard let credentials = try await vended.session().credentials else {
            throw CredsErrorMessages(profile: subject.name).unknown
        }
        do {
            let client = try BedrockRuntimeClient(
                region: region.description,
                credentials: StaticCredentials(AWSCredentials(credentials)),
                endpoints: endpoints,
                clientContext: AWSClientContext(transport: context.transport, now: context.now)
            )
            return .ok(.model, try await message(by: client, in: region))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = refusal.problem(error)
            return .problem(.model, problem.problem, fix: problem.hint ?? again)
        }
    }

    private func message(by client: BedrockRuntimeClient, in region: AWSRegion) async throws -> String {
        let start = ContinuousClock.now
        let response = try await client.converse("Say: ok", model: model, maxTokens: Self.maxTokens)
        let (seconds, attoseconds) = start.duration(to: .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return "\(model) in \(region) answered in \(milliseconds) ms: \(response.inputTokens) tokens in, "
            + "\(response.outputTokens) out"
    }

    private var late: DoctorFinding {
        .problem(.model, "\(model) took too long to answer", fix: again)
    }

    private var again: String { "creds doctor --invoke \(ShellWord.quoted(model))" }
}
