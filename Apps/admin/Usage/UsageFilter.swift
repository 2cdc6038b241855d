import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import Vending

/// What of the use counts: one researcher's, one project's, one key's, one outcome.
struct UsageFilter: ParsableArguments {
    @Option(help: "Only this researcher's, by the handle.", completion: .handles)
    var researcher: String?
    @Option(help: "Only this project's.", completion: .projects)
    var project: String?
    @Option(help: "Only this key's, by its id or the beginning of it.", completion: .keyIDs)
    var key: String?
    @Option(help: "Only vended, refused, or one code such as rate_limited.")
    var outcome: String?

    func scope(_ days: ClosedRange<UTCDay>, in store: Store, at date: Date) throws -> UsageScope {
        UsageScope(
            days,
            researcher: try researcher.map { try store.knownResearcher($0, at: date).researcher.handle.description },
            project: try project.map { try store.knownProject($0) },
            key: try key.map { try store.knownKey($0).id },
            outcome: try outcome.map { try Self.outcome($0) }
        )
    }

    private static func outcome(_ text: String) throws(UserFacingError) -> UsageScope.Outcome {
        switch text {
        case "vended": return .vended
        case "refused": return .refused
        default:
            if let code = ErrorCode(rawValue: text) { return .code(code) }
            let near = NearestName.of(text, among: ["vended", "refused"] + ErrorCode.allCases.map(\.rawValue))
            throw UserFacingError.misuse(
                "--outcome \"\(text)\" is none there is",
                hint: near.map { "did you mean \($0)?" } ?? "vended, refused, or the code of a refusal"
            )
        }
    }
}
