import AWSAuth
import BursarConsole
import BursarModel
import ServerSettings

/// Whether the researchers' roles have policies that open spending which no invocation log meters.
///
/// AWS is asked as the operator, where there are credentials and a role in the settings; it is given ten seconds.
struct RoleFindings {
    private static let check = "role"
    private static let longest = Duration.seconds(10)

    let context: AdminContext
    let aws: AWSOptions

    func findings() async -> [Finding] {
        guard let view = try? LocalServerSettings(context), !view.isSimulated, !view.roles.isEmpty else { return [] }
        var findings: [Finding] = []
        for arn in view.roles {
            guard let role = try? RoleName(arn, .elsewhere("the settings' role")) else { continue }
            findings += await self.findings(role)
        }
        return findings
    }

    private func findings(_ role: RoleName) async -> [Finding] {
        do {
            let attached = try await attachedPolicies(of: role)
            let unmetered = attached.compactMap { UnmeteredAttachment($0, role: role.name) }
            guard unmetered.isEmpty else { return unmetered.map { .problem(Self.check, $0.problem) } }
            return [.ok(Self.check, "\(role.name) has no policy of AWS's that opens unmetered spending")]
        } catch {
            let why = (error as? UserFacingError)?.problem ?? "AWS doesn't answer in time"
            return [
                .warning(
                    Self.check,
                    "which managed policies \(role.name) has was not looked at: \(why)",
                    hint: "admin doctor --aws-profile PROFILE, with iam:ListAttachedRolePolicies"
                )
            ]
        }
    }

    private func attachedPolicies(of role: RoleName) async throws -> [AttachedPolicy] {
        try await withThrowingTaskGroup(of: [AttachedPolicy].self) { group in
            group.addTask {
                try await context.inAWS(aws) { try await $0.iam.attachedPolicies(ofRole: role.name) }
            }
            group.addTask {
                try await Task.sleep(for: Self.longest)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}
