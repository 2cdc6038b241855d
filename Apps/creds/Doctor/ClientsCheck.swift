import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// Which AWS CLI there is; SDKs can't be looked for, since each program brings its own.
struct ClientsCheck: DoctorCheck {
    private static let limit = Duration.seconds(5)

    func findings(_ subject: DoctorContext) async -> [Finding] {
        let folders = (subject.context.environment["PATH"] ?? "").split(separator: ":")
        let paths = folders.map { FilePath(String($0)).appending("aws") }
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0.string) }) else {
            return [.ok(.clients, "the AWS CLI is not on PATH; SDKs don't need it")]
        }
        let deadline = min(.now.advanced(by: Self.limit), subject.deadline)
        let version = try? await TimeLimit.run(until: deadline) { try await Self.version(path) }
        guard let version = version.flatMap({ $0 }) else {
            return [
                .warning(.clients, "\(path) doesn't tell its version", fix: "\(Remedy.word(path.string)) --version")
            ]
        }
        return [.ok(.clients, "\(version), \(path)")]
    }

    /// `aws-cli/2.31.0`; nil when it says anything else.
    private static func version(_ path: FilePath) async throws -> String? {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(200))]
        let result = try await Subprocess.run(
            .path(path),
            arguments: ["--version"],
            platformOptions: options,
            input: .none,
            output: .string(limit: 4096),
            error: .discarded
        )
        let word = result.standardOutput.trimmingASCIIWhitespace().prefix { $0 != " " }
        return result.terminationStatus == .exited(0) && word.hasPrefix("aws-cli/") ? String(word) : nil
    }
}
