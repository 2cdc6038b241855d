import Console
import Files
import SystemPackage

/// Whether `~/.aws/credentials` has something under the profile's name, which wins over `~/.aws/config`.
struct AWSCredentialsCheck: DoctorCheck {
    func findings(_ subject: Subject) -> [Finding] {
        guard let file = try? subject.context.awsCredentials() else {
            return [.skipped(.awsCredentials, "where it is is not known without HOME")]
        }
        let content: [UInt8]?
        do {
            content = try FileContent.readIfPresent(file, limit: 1 << 20)
        } catch {
            return [.problem(.awsCredentials, error.description, fix: FilesCheck.fix(error))]
        }
        guard let content else { return [.ok(.awsCredentials, "there is no \(file)")] }
        if let flaw = ConfigFlaw.first(in: content) {
            let problem = flaw.problem(in: file)
            return [.problem(.awsCredentials, problem.problem, fix: Fix.edit(file, line: flaw.line))]
        }
        let rival = INIDocument(content).sections.first { section in
            section.header == subject.name.description
                && !CredentialSource.options.isDisjoint(with: section.options.keys)
        }
        guard let rival else { return [.ok(.awsCredentials, "nothing in \(file) wins over the profile")] }
        let isOldHelper = rival.options["credential_process"] != nil
        let what = isOldHelper ? "an older helper's entry" : "keys"
        return [
            .problem(
                .awsCredentials,
                "\(what) under [\(subject.name)] in \(file) \(isOldHelper ? "wins" : "win") over the profile; delete the section",
                fix: Fix.edit(file, line: content.lineNumber(at: rival.range.lowerBound))
            )
        ]
    }
}
