import AWSAuth
import BursarConsole
import BursarHTTP
import BursarModel

/// One tiny question to a model, with the session that is kept or a new one.
struct ModelCheck: DoctorCheck {
    let model: String
    private static let longestAnswer = 16

    func findings(_ subject: DoctorContext) async -> [Finding] {
        guard subject.profile != nil else { return [.skipped(.model, "there are no credentials to ask with")] }
        do {
            let finding = try await TimeLimit.run(until: subject.deadline) { try await ask(subject) }
            return [finding ?? late]
        } catch {
            let problem = CredsErrorMessages(profile: subject.name, server: subject.profile?.server).problem(error)
            return [.problem(.model, problem.problem, fix: subject.creds("refresh"))]
        }
    }

    private func ask(_ subject: DoctorContext) async throws -> Finding {
        let context = subject.context
        let vended = try VendedSession(subject.name, context)
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
            return .ok(.model, try await said(by: client, in: region))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = refusal.problem(error)
            return .problem(.model, problem.problem, fix: problem.hint ?? again)
        }
    }

    private func said(by client: BedrockRuntimeClient, in region: AWSRegion) async throws -> String {
        let start = ContinuousClock.now
        let answer = try await client.converse("Say: ok", model: model, longestAnswer: Self.longestAnswer)
        let (seconds, attoseconds) = start.duration(to: .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return "\(model) in \(region) answered in \(milliseconds) ms: \(answer.inputTokens) tokens in, "
            + "\(answer.outputTokens) out"
    }

    private var late: Finding {
        .problem(.model, "\(model) took too long to answer", fix: again)
    }

    private var again: String { "creds doctor --invoke \(Remedy.word(model))" }
}
