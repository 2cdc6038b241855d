import AWSAuth
import BursarCore
import Console
import Files
import SystemPackage
import Transport

/// Whether AWS clients find the profile in `~/.aws/config`, and what it runs.
struct AWSConfigCheck: DoctorCheck {
    func findings(_ subject: Subject) -> [Finding] {
        guard let file = try? subject.context.awsConfig() else {
            return [.skipped(.awsConfig, "where it is is not known without HOME")]
        }
        let bytes: [UInt8]
        do {
            bytes = try FileContent.readIfPresent(file, limit: 1 << 20) ?? []
        } catch {
            return [.problem(.awsConfig, error.description, fix: FilesCheck.fix(error))]
        }
        if let flaw = ConfigFlaw.first(in: bytes) {
            let problem = flaw.problem(in: file)
            let advice = problem.hint.map { "; \($0)" } ?? ""
            return [.problem(.awsConfig, problem.problem + advice, fix: Fix.edit(file, line: flaw.line))]
        }
        guard let profile = subject.profile else { return [.skipped(.awsConfig, "there is no profile to look for")] }
        return section(of: profile, in: bytes, file, subject)
    }

    private func section(of profile: StoredProfile, in bytes: [UInt8], _ file: FilePath, _ subject: Subject)
        -> [Finding]
    {
        let header = subject.name.configHeader
        if let installed = profile.config?.file, installed != file.string {
            let isSet = subject.context.nonEmpty("AWS_CONFIG_FILE") != nil
            return [
                .problem(
                    .awsConfig,
                    "clients read \(file), but the profile is in \(installed)",
                    fix: isSet ? "unset AWS_CONFIG_FILE" : "export AWS_CONFIG_FILE=\(Fix.word(installed))"
                )
            ]
        }
        let sections = INIDocument(bytes).sections(of: subject.name)
        guard let section = sections.first else {
            return [.problem(.awsConfig, "\(header) is missing in \(file)", fix: subject.install())]
        }
        guard sections.count == 1 else {
            let line = bytes.lineNumber(at: sections[1].range.lowerBound)
            return [
                .problem(.awsConfig, "\(header) comes twice in \(file); delete one", fix: Fix.edit(file, line: line))
            ]
        }
        let rivals = CredentialSource.options.intersection(section.options.keys)
            .subtracting(["credential_process"]).sorted()
        guard rivals.isEmpty else {
            return [
                .problem(
                    .awsConfig,
                    "\(header) has \(rivals.joined(separator: ", ")) too, which may win over credential_process",
                    fix: subject.install("--replace")
                )
            ]
        }
        return program(of: section, file, subject)
    }

    private func program(of section: INIDocument.Section, _ file: FilePath, _ subject: Subject) -> [Finding] {
        let header = subject.name.configHeader
        let words = (try? ShellWords.split(section.options["credential_process"] ?? "")) ?? []
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
                .problem(.awsConfig, "\(header) runs \(path), which can't be run", fix: "chmod +x \(Fix.word(path))")
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

extension [UInt8] {
    /// The first line is 1.
    func lineNumber(at index: Int) -> Int {
        self[..<index].count { $0 == UInt8(ascii: "\n") } + 1
    }
}
