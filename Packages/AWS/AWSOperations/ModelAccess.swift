import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
package import BursarModel

/// An access check of models: one token from each, as the operator.
///
/// A listed model may still be inaccessible. The first use can fail for want of a subscription or of a form, and only
/// an invocation shows it.
package struct ModelAccess {
    /// The limit of one check, since each invocation costs something.
    static let most = 50
    /// The time limit of each invocation.
    private static let timeout = Duration.seconds(30)

    private let account: AWSAccount
    private let runtime: BedrockRuntimeClient

    package init(account: AWSAccount) throws {
        self.account = account
        runtime = try account.runtime()
    }

    /// A model and the id to invoke it by.
    package struct Candidate: Sendable, Equatable {
        package let model: String
        /// The model's id, or the id of an inference profile for it; nil where neither works.
        package let invoked: String?
    }

    /// Returns the region's text models that match `models`.
    ///
    /// - Throws: ``UserFacingError`` when there are none, or too many to invoke them all.
    package func candidates(_ models: ModelList) async throws -> [Candidate] {
        let listed = try await account.bedrock.foundationModels()
        let meant = listed.filter { model in
            models.patterns.contains { $0.matches(model.id) } && model.outputModalities.contains("TEXT")
                && model.inputModalities.contains("TEXT") && model.status != "LEGACY"
        }
        guard !meant.isEmpty else {
            throw UserFacingError(
                "no model of \(account.region) that answers in text is like \(models)",
                hint: "aws bedrock list-foundation-models --region \(account.region), or another --region"
            )
        }
        guard meant.count <= Self.most else {
            throw UserFacingError(
                "\(models) stands for \(meant.count) models, and each would be invoked; \(Self.most) are the most",
                hint: "name fewer: --models 'anthropic.claude-*'"
            )
        }
        let needsProfiles = meant.contains { !$0.inferenceTypes.contains("ON_DEMAND") }
        let profiles = needsProfiles ? try await account.bedrock.inferenceProfiles() : []
        return meant.map { model in
            guard !model.inferenceTypes.contains("ON_DEMAND") else {
                return Candidate(model: model.id, invoked: model.id)
            }
            let leading = profiles.filter { $0.status != "INACTIVE" && Self.leads($0, to: model) }
            // Geographic profiles first: other policies allow what a `global.` one does.
            let chosen = leading.first { !$0.id.hasPrefix("global.") } ?? leading.first
            return Candidate(model: model.id, invoked: chosen?.id)
        }
    }

    /// Describes the cost of a check, for the prompt before ``check(_:)``.
    package static func cost(_ candidates: [Candidate]) -> String {
        let count = candidates.count { $0.invoked != nil }
        let models = count == 1 ? "1 model" : "\(count) models"
        return "invoke \(models), a few tokens each, at the account's expense"
    }

    /// Invokes each model once, one after the other.
    ///
    /// - Throws: errors that make further invocations useless: no credentials, no network, or a cancellation.
    package func check(
        _ candidates: [Candidate],
        progress: (_ asked: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws -> [Row] {
        var rows: [Row] = []
        for candidate in candidates {
            guard !Task.isCancelled else {
                throw UserFacingError("stopped after \(rows.count) of \(candidates.count) models")
            }
            rows.append(try await row(candidate))
            progress(rows.count, candidates.count)
        }
        return rows
    }

    private static func leads(_ profile: InferenceProfile, to model: FoundationModel) -> Bool {
        profile.modelARNs.contains { $0.hasSuffix(":foundation-model/\(model.id)") }
    }

    private func row(_ candidate: Candidate) async throws -> Row {
        guard let id = candidate.invoked else {
            return Row(
                model: candidate.model,
                invokedAs: nil,
                access: .profile,
                why: "it is invoked through an inference profile or provisioned throughput, and there is none here",
                remedy: "make an application inference profile, or take a region that has one"
            )
        }
        do {
            try await ask(id)
            return Row(model: candidate.model, invokedAs: id, access: .answered, why: nil, remedy: nil)
        } catch AWSError.refused(let refusal) {
            let error = try ModelAccessError(refusal, model: id, region: account.region)
            return Row(
                model: candidate.model,
                invokedAs: id,
                access: error.access,
                why: error.why,
                remedy: error.remedy
            )
        } catch is Late {
            return Row(
                model: candidate.model,
                invokedAs: id,
                access: .failed,
                why: "no answer in \(Int(Self.timeout / .seconds(1))) s",
                remedy: "try again later"
            )
        }
    }

    private struct Late: Error {}

    private func ask(_ id: String) async throws {
        let runtime = runtime
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await runtime.converse("Hi", model: id, maxTokens: 1) }
            group.addTask {
                try await Task.sleep(for: Self.timeout)
                throw Late()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension ModelAccess {
    /// The result for one model.
    package struct Row: Encodable, Sendable {
        package let model: String
        package let invokedAs: String?
        package let access: Access
        package let why: String?
        package let remedy: String?
    }

    /// The outcome of an invocation.
    package enum Access: String, Sendable, Encodable {
        /// The model answered just now. While a Marketplace subscription is pending, calls may succeed for a quarter of
        /// an hour and then stop.
        case answered
        /// The account has no subscription to the model in AWS Marketplace yet.
        case unsubscribed
        /// The account has not sent Anthropic's use-case form.
        case form
        case denied
        case throttled
        /// The model is invoked through an inference profile, and the region has none.
        case profile
        /// The region doesn't have the model.
        case missing
        case failed

        /// True if researchers can use the model; a throttled model counts as usable.
        package var isGood: Bool { self == .answered || self == .throttled }
    }
}
