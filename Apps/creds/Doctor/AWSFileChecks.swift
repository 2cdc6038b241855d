import AWSAuth
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import INIParser
import SystemPackage

/// Checks that AWS clients find the profile in `~/.aws/config`, and that it runs this program.
struct AWSConfigCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
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
            return [.problem(.awsConfig, FilesCheck.message(error, advice), fix: FilesCheck.fix(error))]
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
        -> [DoctorFinding]
    {
        let header = subject.name.configHeader
        if let installed = profile.config?.file, installed != file.string {
            let isSet = subject.context.nonEmpty("AWS_CONFIG_FILE") != nil
            return [
                .problem(
                    .awsConfig,
                    "clients read \(file), but the profile is in \(installed)",
                    fix: isSet ? "unset AWS_CONFIG_FILE" : "export AWS_CONFIG_FILE=\(ShellWord.quoted(installed))"
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

    /// Checks for an endpoint that botocore uses in place of AWS's, including one under [DEFAULT].
    private func endpoint(in section: INIDocument.Section, _ file: FilePath, _ subject: DoctorContext)
        -> [DoctorFinding]
    {
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

    private func program(of section: INIDocument.Section, _ file: FilePath, _ subject: DoctorContext) -> [DoctorFinding]
    {
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
                .problem(
                    .awsConfig,
                    "\(header) runs \(path), which can't be run",
                    fix: "chmod +x \(ShellWord.quoted(path))"
                )
            ]
        case .missing:
            return [.problem(.awsConfig, "\(header) runs \(path), which is not there", fix: subject.install())]
        }
    }

    /// Returns true if the words after `process` name this profile.
    private func asksFor(_ name: ProfileName, _ words: [String]) -> Bool {
        switch Array(words.dropFirst(2)) {
        case []: name == .standard
        case ["--profile", name.description], ["--profile=\(name)"]: true
        default: false
        }
    }
}

/// The program that a section of `~/.aws/config` runs, compared with the running one.
struct InstalledProgram {
    let path: FilePath

    enum State: Equatable {
        case missing
        case notExecutable
        /// Another file with different content.
        case other
        case same
    }

    /// The size limit for a byte-by-byte comparison.
    private static let limit = 256 << 20

    var state: State {
        guard path.isAbsolute, let stat = try? path.stat(), stat.type == .regular else { return .missing }
        guard FileManager.default.isExecutableFile(atPath: path.string) else { return .notExecutable }
        guard let running = try? ExecutablePath.current(calledAs: "", search: nil),
            let own = try? FilePath(running).stat()
        else { return .same }
        if own.deviceID == stat.deviceID, own.inode == stat.inode { return .same }
        guard own.size == stat.size, let left = try? FileContent.read(path, limit: Self.limit),
            let right = try? FileContent.read(FilePath(running), limit: Self.limit)
        else { return .other }
        return left == right ? .same : .other
    }
}

/// Checks `~/.aws/credentials` for entries that take precedence over `~/.aws/config`.
struct AWSCredentialsCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
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
            return [.problem(.awsCredentials, FilesCheck.message(error, advice), fix: FilesCheck.fix(error))]
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

    private func finding(of rival: ConflictingEntry, _ file: FilePath, _ subject: DoctorContext) -> DoctorFinding {
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

    /// The profile's region in `~/.aws/config`.
    private func region(_ subject: DoctorContext) -> String? {
        guard let file = try? subject.context.awsConfig(), let bytes = try? AWSFile.bytes(file) else { return nil }
        return INIDocument(bytes).sections(of: subject.name).last?["region"]?.text
    }
}
