import ArgumentParser
import BursarCore
import Console
import ServerSettings
import Storage

/// What of the use counts: one researcher's, one project's, one key's, one outcome.
struct UsageFilter: ParsableArguments {
    @Option(help: "Only this researcher's, by the handle.")
    var researcher: String?
    @Option(help: "Only this project's.")
    var project: String?
    @Option(help: "Only this key's, by its id or the beginning of it.")
    var key: String?
    @Option(help: "Only vended, refused, or one code such as rate_limited.")
    var outcome: String?

    func scope(_ days: ClosedRange<UTCDay>, in store: Store) throws -> UsageScope {
        UsageScope(
            days,
            researcher: try researcher.map { try Self.handle($0, in: store) },
            project: try project.map { try Self.project($0, in: store) },
            key: try key.map { try Self.key($0, in: store) },
            outcome: try outcome.map { try Self.outcome($0) }
        )
    }

    /// The handle as its row spells it.
    static func handle(_ text: String, in store: Store) throws -> String {
        if let handle = try store.spelling(of: text) { return handle }
        let near = NearestName.of(text, among: try store.handles())
        throw Problem(
            "there is no researcher \"\(text)\"",
            hint: near.map { "did you mean \($0)?" } ?? "admin researchers list shows them"
        )
    }

    private static func project(_ text: String, in store: Store) throws -> String {
        let projects = try store.projects()
        guard !projects.contains(text) else { return text }
        let near = NearestName.of(text, among: projects)
        throw Problem(
            "no researcher's project is \"\(text)\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "admin usage report --by project shows them"
        )
    }

    private static func key(_ text: String, in store: Store) throws -> KeyID {
        let shown = text.utf8.count > KeyID.length ? "\(text.prefix(7))…" : text
        guard !text.isEmpty, let key = try store.keys(beginning: text).first else {
            throw Problem("there is no key \"\(shown)\"", hint: "admin keys list shows them")
        }
        guard try store.keys(beginning: text).count == 1 else {
            throw Problem("more than one key's id begins with \"\(shown)\"", hint: "add a character or two")
        }
        return key
    }

    private static func outcome(_ text: String) throws(Problem) -> UsageScope.Outcome {
        switch text {
        case "vended": return .vended
        case "refused": return .refused
        default:
            if let code = RefusalCode(rawValue: text) { return .code(code) }
            let near = NearestName.of(text, among: ["vended", "refused"] + RefusalCode.allCases.map(\.rawValue))
            throw Problem(
                "--outcome \"\(text)\" is none there is",
                hint: near.map { "did you mean \($0)?" } ?? "vended, refused, or the code of a refusal"
            )
        }
    }
}
