import BursarConsole
import BursarFiles
import INIParser
import SystemPackage

/// Whether `~/.aws/credentials` has something under the profile's name, which wins over `~/.aws/config`.
struct AWSCredentialsCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        let file: FilePath
        do {
            file = try subject.context.awsCredentials()
        } catch let problem as UserFacingError {
            return [.problem(.awsCredentials, problem.problem, fix: "unset AWS_SHARED_CREDENTIALS_FILE")]
        } catch {
            return [.skipped(.awsCredentials, "where it is is not known without HOME")]
        }
        guard subject.context.environment["AWS_SHARED_CREDENTIALS_FILE"]?.isEmpty != true else {
            return [
                .warning(
                    .awsCredentials,
                    "AWS_SHARED_CREDENTIALS_FILE is set but empty, so boto3 and the AWS CLI read no file",
                    fix: "unset AWS_SHARED_CREDENTIALS_FILE"
                )
            ]
        }
        let bytes: [UInt8]?
        do {
            bytes = try AWSFile.bytes(file)
        } catch {
            let advice = AWSFile.hint(for: error).map { "; \($0)" } ?? ""
            return [.problem(.awsCredentials, error.description + advice, fix: FilesCheck.fix(error))]
        }
        guard let bytes else { return [.ok(.awsCredentials, "there is no \(file)")] }
        let document = INIDocument(bytes)
        if let error = document.error {
            let problem = error.problem(in: file)
            return [.problem(.awsCredentials, problem.problem, fix: Remedy.edit(file, line: error.line))]
        }
        if let rival = ConflictingEntry(over: subject.name, in: document) { return [finding(of: rival, file, subject)] }
        if let rival = ConflictingRegion(over: region(subject), of: subject.name, in: document) {
            return [
                .warning(
                    .awsCredentials,
                    "the region \(rival.region) under \(rival.section) in \(file) wins over the profile's",
                    fix: Remedy.edit(file, line: rival.line)
                )
            ]
        }
        return [.ok(.awsCredentials, "nothing in \(file) wins over the profile")]
    }

    private func finding(of rival: ConflictingEntry, _ file: FilePath, _ subject: DoctorContext) -> Finding {
        let place = "under [\(subject.name)] in \(file)"
        switch rival.kind {
        case .helper:
            return .problem(
                .awsCredentials,
                "an older helper's entry \(place) wins over the profile",
                fix: subject.install("--take-over")
            )
        case .keys:
            return .problem(
                .awsCredentials,
                "keys \(place) win over the profile; delete the section",
                fix: Remedy.edit(file, line: rival.line)
            )
        case .defaults(let defaults):
            return .problem(
                .awsCredentials,
                "\(defaults.description) in \(file) wins over the profile, since it holds for [\(subject.name)] there",
                fix: Remedy.edit(file, line: defaults.line)
            )
        }
    }

    /// What `~/.aws/config` says.
    private func region(_ subject: DoctorContext) -> String? {
        guard let file = try? subject.context.awsConfig(), let bytes = try? AWSFile.bytes(file) else { return nil }
        return INIDocument(bytes).sections(of: subject.name).last?["region"]?.text
    }
}
