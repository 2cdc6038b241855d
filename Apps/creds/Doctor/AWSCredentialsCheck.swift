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
        guard let rival = RivalEntry(over: subject.name, in: INIDocument(content)) else {
            return [.ok(.awsCredentials, "nothing in \(file) wins over the profile")]
        }
        let place = "under [\(subject.name)] in \(file)"
        switch rival.kind {
        case .helper:
            return [
                .problem(
                    .awsCredentials,
                    "an older helper's entry \(place) wins over the profile",
                    fix: subject.install("--take-over")
                )
            ]
        case .keys:
            return [
                .problem(
                    .awsCredentials,
                    "keys \(place) win over the profile; delete the section",
                    fix: Fix.edit(file, line: content.lineNumber(at: rival.range.lowerBound))
                )
            ]
        }
    }
}
