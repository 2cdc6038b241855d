import AWSAuth
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import INIParser
import SystemPackage

/// Whether AWS clients find the profile in `~/.aws/config`, and what it runs.
struct AWSConfigCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        let file: FilePath
        do {
            file = try subject.context.awsConfig()
        } catch let problem as UserFacingError {
            return [.problem(.awsConfig, problem.problem, fix: "unset AWS_CONFIG_FILE")]
        } catch {
            return [.skipped(.awsConfig, "where it is is not known without HOME")]
        }
        guard subject.context.environment["AWS_CONFIG_FILE"]?.isEmpty != true else {
            return [
                .problem(
                    .awsConfig,
                    "AWS_CONFIG_FILE is set but empty, so boto3 and the AWS CLI read no file, and find no profile",
                    fix: "unset AWS_CONFIG_FILE"
                )
            ]
        }
        let document: INIDocument
        do {
            document = INIDocument(try AWSFile.bytes(file) ?? [])
        } catch {
            let advice = AWSFile.hint(for: error).map { "; \($0)" } ?? ""
            return [.problem(.awsConfig, error.description + advice, fix: FilesCheck.fix(error))]
        }
        if let error = document.error {
            let problem = error.problem(in: file)
            let advice = problem.hint.map { "; \($0)" } ?? ""
            return [.problem(.awsConfig, problem.problem + advice, fix: Remedy.edit(file, line: error.line))]
        }
        guard let profile = subject.profile else { return [.skipped(.awsConfig, "there is no profile to look for")] }
        return section(of: profile, in: document, file, subject)
    }

    private func section(
        of profile: StoredProfile,
        in document: INIDocument,
        _ file: FilePath,
        _ subject: DoctorContext
    )
        -> [Finding]
    {
        let header = subject.name.configHeader
        if let installed = profile.config?.file, installed != file.string {
            let isSet = subject.context.nonEmpty("AWS_CONFIG_FILE") != nil
            return [
                .problem(
                    .awsConfig,
                    "clients read \(file), but the profile is in \(installed)",
                    fix: isSet ? "unset AWS_CONFIG_FILE" : "export AWS_CONFIG_FILE=\(Remedy.word(installed))"
                )
            ]
        }
        let sections = document.sections(of: subject.name)
        guard let section = sections.first else {
            return [.problem(.awsConfig, "\(header) is missing in \(file)", fix: subject.install())]
        }
        guard sections.count == 1 else {
            let fix = Remedy.edit(file, line: sections[1].line)
            return [.problem(.awsConfig, "\(header) comes twice in \(file); delete one", fix: fix)]
        }
        let rivals = CredentialSource.options.intersection(section.options.keys)
            .subtracting(["credential_process"]).map(\.text).sorted()
        guard rivals.isEmpty else {
            return [
                .problem(
                    .awsConfig,
                    "\(header) has \(rivals.joined(separator: ", ")) too, which may win over credential_process",
                    fix: subject.install("--replace")
                )
            ]
        }
        if let defaults = INIDefaults(winningIn: section) {
            return [
                .problem(
                    .awsConfig,
                    "\(defaults.description) in \(file) holds for every profile, and wins over this one; "
                        + "write [default] if the default profile is meant",
                    fix: Remedy.edit(file, line: defaults.line)
                )
            ]
        }
        return program(of: section, file, subject) + endpoint(in: section, file, subject)
    }

    /// Where botocore sends the profile's requests in AWS's place, of [DEFAULT] too.
    private func endpoint(in section: INIDocument.Section, _ file: FilePath, _ subject: DoctorContext) -> [Finding] {
        let environment = subject.context.environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]
        let ignored = environment ?? section["ignore_configured_endpoint_urls"]?.text
        guard let option = section["endpoint_url"], ignored?.lowercased() != "true" else { return [] }
        let isDefault = section.options["endpoint_url"] == nil
        let place = isDefault ? "under [DEFAULT] holds for every profile, and" : "under \(subject.name.configHeader)"
        return [
            .warning(
                .awsConfig,
                "endpoint_url \(place) sends its requests elsewhere than to AWS",
                fix: Remedy.edit(file, line: option.line)
            )
        ]
    }

    private func program(of section: INIDocument.Section, _ file: FilePath, _ subject: DoctorContext) -> [Finding] {
        let header = subject.name.configHeader
        let words = (try? ShellWords.split(section["credential_process"]?.text ?? "")) ?? []
        let isOurs = words.count > 1 && words[1] == "process" && asksFor(subject.name, words)
        guard let path = words.first, isOurs else {
            return [
                .problem(.awsConfig, "\(header) in \(file) does not run creds", fix: subject.install("--replace"))
            ]
        }
        let program = InstalledProgram(path: FilePath(path))
        switch program.state {
        case .same: return [.ok(.awsConfig, "\(header) in \(file) runs \(path)")]
        case .other:
            return [
                .warning(.awsConfig, "\(header) runs \(path), which is another creds than this", fix: subject.install())
            ]
        case .notExecutable:
            return [
                .problem(.awsConfig, "\(header) runs \(path), which can't be run", fix: "chmod +x \(Remedy.word(path))")
            ]
        case .missing:
            return [.problem(.awsConfig, "\(header) runs \(path), which is not there", fix: subject.install())]
        }
    }

    /// What the words after `process` say.
    private func asksFor(_ name: ProfileName, _ words: [String]) -> Bool {
        switch Array(words.dropFirst(2)) {
        case []: name == .standard
        case ["--profile", name.description], ["--profile=\(name)"]: true
        default: false
        }
    }
}
