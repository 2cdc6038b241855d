import AWSAuth
import ArgumentParser
import Console
import ServerSettings

/// The roles that researchers' sessions are of.
struct SessionRoles: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A role that sessions are of, beside those of the settings (BURSAR_ROLE_ARN, BURSAR_ROLE_PROJECTS).",
            valueName: "arn"
        )
    )
    var roleArn: [String] = []

    /// The options as they were typed, for a command to be typed after this one.
    var typed: String { roleArn.map { " --role-arn \(ShellWord.quoted($0))" }.joined() }

    /// All of them: a researcher may have been in another project when a session was issued.
    ///
    /// Empty where the server simulates credentials, which AWS has never heard of.
    func roles(_ view: ServerView) throws(Problem) -> [RoleName] {
        var roles: [RoleName] = []
        for arn in view.roles { roles.append(try RoleName(arn, "the settings' role")) }
        for arn in roleArn where !view.roles.contains(arn) { roles.append(try RoleName(arn, "--role-arn")) }
        guard !roles.isEmpty || view.isSimulated else {
            throw Problem(
                "no role is known whose sessions these are",
                hint: "--role-arn ARN, or the server's settings: \(Setting.roleARN.environmentName)"
            )
        }
        return roles
    }
}

extension RoleName {
    /// - Throws: ``Problem`` when the operator acts in another account, where the role isn't.
    func check(_ identity: CallerIdentity) throws(Problem) {
        guard account == identity.account else {
            throw Problem(
                "role \(name) is in account \(account), and you act in \(identity.account)",
                hint: "--aws-profile with one of \(account), or have somebody there put what --print shows"
            )
        }
    }
}
