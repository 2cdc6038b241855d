import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// What is found of a key, in words.
enum KeyFinding {
    /// How long before its end a key is warned of.
    private static let notice: TimeInterval = 14 * 86_400

    static func known(_ answer: WhoAmIResponse, _ subject: DoctorContext) -> Finding {
        let whose = "\(answer.researcher)'s key \(answer.keyID)"
        guard let end = Timestamp.date(answer.keyExpires) else {
            return .ok(.key, "\(whose) ends \(answer.keyExpires)")
        }
        let left = RelativeTime(until: end, at: subject.context.now())
        guard TimeInterval(left.seconds) < notice else { return .ok(.key, "\(whose) ends \(left)") }
        return .warning(.key, "\(whose) ends \(left): ask your operator for a new one", fix: subject.install())
    }

    /// The server's own words and code.
    static func refused(_ refusal: BursarClientError.ServerRefusal, _ server: ServerURL, _ subject: DoctorContext)
        -> [Finding]
    {
        let problem = CredsErrorMessages(profile: subject.name, server: server).problem(
            BursarClientError.refused(refusal)
        )
        let message = problem.problem + (problem.hint.map { "; \($0)" } ?? "")
        switch refusal.reason {
        case .addressRefused:
            return [
                .skipped(.key, "the server didn't come to it"),
                .problem(.address, message, fix: "curl -s https://checkip.amazonaws.com"),
            ]
        case .keyMissing, .keyMalformed, .keyInvalid, .keyRevoked, .keyExpired:
            return [
                .problem(.key, message, fix: subject.install()),
                .skipped(.address, "the server doesn't say it to an unknown key"),
            ]
        default:
            return [
                .problem(.key, message, fix: subject.creds("whoami")),
                .skipped(.address, "the server didn't come to it"),
            ]
        }
    }

    /// A stored key that is none, or a key command that brought none.
    static func missing(_ error: any Error, _ source: KeySource, _ subject: DoctorContext) -> Finding {
        let problem = CredsErrorMessages(profile: subject.name).problem(error)
        if case .command(let command) = source, error is KeyCommand.Failure {
            return .problem(.key, problem.problem, fix: command)
        }
        return .problem(.key, problem.problem, fix: subject.install())
    }
}
