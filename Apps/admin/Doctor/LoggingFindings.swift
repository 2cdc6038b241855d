import AWSOperations
import BursarConsole
import Reports
import ServerSettings

/// Checks that the calls of researchers are logged where their roles allow calls, without prompts and answers.
///
/// It calls AWS as the operator if there are credentials and the settings name a role, for ten seconds at most.
struct LoggingFindings {
    private static let check = "logging"
    private static let longest = Duration.seconds(10)

    let context: AdminContext
    let aws: AWSOptions

    func findings() async -> [Finding] {
        guard let view = try? LocalServerSettings(context), !view.isSimulated, !view.roles.isEmpty else { return [] }
        do {
            let coverage = try await context.inAWS(aws, within: Self.longest) { account in
                try await LoggingSurvey([], view, in: account).coverage(in: account)
            }
            return findings(coverage)
        } catch {
            let why = (error as? UserFacingError)?.problem ?? "AWS doesn't answer in time"
            return [
                .warning(
                    Self.check,
                    "where calls are logged was not looked at: \(why)",
                    hint: "admin doctor --aws-profile PROFILE; admin policy operator --spend prints the permissions"
                )
            ]
        }
    }

    private func findings(_ coverage: LoggingCoverage) -> [Finding] {
        var findings: [Finding] = []
        let logged = coverage.regions.filter { $0.logging == .on }.map(\.region)
        if !logged.isEmpty {
            findings.append(.ok(Self.check, "calls are logged in \(logged.joined(separator: ", "))"))
        }
        for status in coverage.regions where status.hasBodies && status.owner == .bursar {
            guard let problem = status.problem else { continue }
            findings.append(.problem(Self.check, problem))
        }
        let told = Set(findings.map(\.detail))
        for problem in coverage.problems where !told.contains(problem.problem) {
            findings.append(.warning(Self.check, problem.problem, hint: problem.hint))
        }
        return findings
    }
}
