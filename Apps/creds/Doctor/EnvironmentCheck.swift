import BursarModel

/// Variables that make AWS clients look elsewhere.
struct EnvironmentCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        let found = keys(subject) + chosenProfile(subject) + container(subject) + webIdentity(subject)
        return found.isEmpty
            ? [.ok(.environment, "clients use \(subject.name), and nothing wins over it")] : found
    }

    private func keys(_ subject: DoctorContext) -> [Finding] {
        guard let id = subject.context.nonEmpty("AWS_ACCESS_KEY_ID") else { return [] }
        let fix = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
        let session = subject.profile.flatMap { try? subject.context.cache($0.cacheID) }?.read()
        if session?.credentials?.accessKeyID == id {
            return [
                .warning(
                    .environment,
                    "AWS_ACCESS_KEY_ID holds this profile's session, which nobody renews there",
                    fix: fix
                )
            ]
        }
        return [
            .problem(.environment, "AWS_ACCESS_KEY_ID is set, and beats AWS_PROFILE (but not --profile)", fix: fix)
        ]
    }

    /// botocore looks at `AWS_DEFAULT_PROFILE` first.
    private func chosenProfile(_ subject: DoctorContext) -> [Finding] {
        let name = subject.name.description
        let fix = "export AWS_PROFILE=\(name)"
        let emptied = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].filter { subject.context.environment[$0]?.isEmpty == true }
        guard emptied.isEmpty else {
            let names = emptied.joined(separator: " and ") + (emptied.count == 1 ? " is" : " are")
            return [
                .problem(
                    .environment,
                    "\(names) set but empty, and boto3 then looks for a profile without a name",
                    fix: "unset AWS_DEFAULT_PROFILE; \(fix)"
                )
            ]
        }
        if let other = subject.context.nonEmpty("AWS_DEFAULT_PROFILE"), other != name {
            return [
                .warning(
                    .environment,
                    "AWS_DEFAULT_PROFILE names another profile, \(other), and beats AWS_PROFILE in boto3",
                    fix: "unset AWS_DEFAULT_PROFILE; \(fix)"
                )
            ]
        }
        guard let chosen = subject.context.nonEmpty("AWS_PROFILE") else {
            guard name != "default", subject.context.nonEmpty("AWS_DEFAULT_PROFILE") == nil else { return [] }
            return [.warning(.environment, "AWS_PROFILE is not set, so clients need --profile \(name)", fix: fix)]
        }
        guard chosen != name else { return [] }
        return [.warning(.environment, "AWS_PROFILE names another profile, \(chosen)", fix: fix)]
    }

    private func container(_ subject: DoctorContext) -> [Finding] {
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]
            .filter { subject.context.nonEmpty($0) != nil }
            .map {
                .warning(
                    .environment,
                    "\($0) is set: clients that don't go by a profile get other credentials there",
                    fix: "unset \($0)"
                )
            }
    }

    private func webIdentity(_ subject: DoctorContext) -> [Finding] {
        let names = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"].filter { subject.context.nonEmpty($0) != nil }
        guard !names.isEmpty else { return [] }
        return [
            .warning(
                .environment,
                "\(names.joined(separator: " and ")) set: a web identity may win over the profile",
                fix: "unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME"
            )
        ]
    }
}
