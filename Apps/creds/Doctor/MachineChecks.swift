import AWSAuth
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// Checks for variables that direct AWS clients elsewhere.
struct EnvironmentCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        let found = keys(subject) + chosenProfile(subject) + container(subject) + webIdentity(subject)
        return found.isEmpty
            ? [.ok(.environment, "clients use \(subject.name), and nothing wins over it")] : found
    }

    private func keys(_ subject: DoctorContext) -> [DoctorFinding] {
        guard let id = subject.context.nonEmpty("AWS_ACCESS_KEY_ID") else { return [] }
        let fix = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
        let session = subject.profile.flatMap { try? subject.context.cache($0.cacheID) }?.read()
        if session?.credentials?.accessKeyID == id {
            return [
                .warning(
                    .environment,
                    "AWS_ACCESS_KEY_ID holds this profile's session, which is not renewed there",
                    fix: fix
                )
            ]
        }
        return [
            .problem(.environment, "AWS_ACCESS_KEY_ID is set, and beats AWS_PROFILE (but not --profile)", fix: fix)
        ]
    }

    /// Checks the profile that the environment selects; botocore reads `AWS_DEFAULT_PROFILE` first.
    private func chosenProfile(_ subject: DoctorContext) -> [DoctorFinding] {
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

    private func container(_ subject: DoctorContext) -> [DoctorFinding] {
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

    private func webIdentity(_ subject: DoctorContext) -> [DoctorFinding] {
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

/// Checks that clients have a valid region.
struct RegionCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        guard let session = try? ProfileSession(subject.name, subject.context) else { return [] }
        let fix = "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
        guard let region = session.region else {
            return [
                .warning(
                    .environment,
                    "no region is set, and clients need one",
                    fix: fix
                )
            ]
        }
        let known: AWSRegion
        do {
            known = try AWSRegion.reading(region, subject.context.environment, hint: fix)
        } catch {
            return [.problem(.environment, error.problem, fix: fix)]
        }
        // botocore 1.44 does not read AWS_REGION (configprovider.py).
        var environment = subject.context.environment
        environment["AWS_REGION"] = nil
        let forPython = try? RegionSetting.find(environment: environment, profile: subject.name.description)
        guard forPython == nil else { return [] }
        return [
            .warning(
                .environment,
                "boto3 finds no region: it doesn't read AWS_REGION, and nothing else is set",
                fix: "export AWS_DEFAULT_REGION=\(known)"
            )
        ]
    }
}

/// Finds the installed AWS CLI; SDKs can't be found, since each program has its own.
struct ClientsCheck: DoctorCheck {
    private static let limit = Duration.seconds(5)

    func findings(_ subject: DoctorContext) async -> [DoctorFinding] {
        let folders = (subject.context.environment["PATH"] ?? "").split(separator: ":")
        let paths = folders.map { FilePath(String($0)).appending("aws") }
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0.string) }) else {
            return [.ok(.clients, "the AWS CLI is not on PATH; SDKs don't need it")]
        }
        let deadline = min(.now.advanced(by: Self.limit), subject.deadline)
        let version = try? await TimeLimit.run(until: deadline) { try await Self.version(path) }
        guard let version = version.flatMap({ $0 }) else {
            return [
                .warning(
                    .clients,
                    "\(path) doesn't tell its version",
                    fix: "\(ShellWord.quoted(path.string)) --version"
                )
            ]
        }
        return [.ok(.clients, "\(version), \(path)")]
    }

    /// A version such as `aws-cli/2.31.0`; nil for any other output.
    private static func version(_ path: FilePath) async throws -> String? {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(200))]
        let result = try await Subprocess.run(
            .path(path),
            arguments: ["--version"],
            platformOptions: options,
            input: .none,
            output: .string(limit: 4096),
            error: .discarded
        )
        let word = result.standardOutput.trimmingASCIIWhitespace().prefix { $0 != " " }
        return result.terminationStatus == .exited(0) && word.hasPrefix("aws-cli/") ? String(word) : nil
    }
}

/// Checks that profiles and sessions can be written.
struct DiskCheck: DoctorCheck {
    /// The free space that a disk needs; a session takes a few KiB.
    private static let least = 1 << 20

    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        let paths = subject.context.paths
        guard let config = try? paths.config().appending("bursar"), let cache = try? paths.cache().appending("bursar")
        else { return [.skipped(.disk, "where files go is not known without HOME")] }
        let found =
            check(at: cache, "sessions can't be kept, so each run asks the server", "XDG_CACHE_HOME")
            + check(at: config, "profiles can't be installed or changed", "XDG_CONFIG_HOME")
        return found.isEmpty ? [.ok(.disk, "there is room, and it can be written to")] : found
    }

    private func check(at folder: FilePath, _ consequence: String, _ variable: String) -> [DoctorFinding] {
        let place = Self.existing(folder)
        guard (try? place.stat().type) == .directory else {
            let advice = "\(place) is not a folder: \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: "ls -ld \(ShellWord.quoted(place.string))")]
        }
        guard FileManager.default.isWritableFile(atPath: place.string) else {
            let fix = "chmod u+w \(ShellWord.quoted(place.string))"
            let advice = "\(place) can't be written to: \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: fix)]
        }
        // Existing files are the subject of FilesCheck.
        if place != folder, let fault = FolderTraits.try(place)?.fault(for: folder) {
            let advice = "\(fault): \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: "df \(ShellWord.quoted(place.string))")]
        }
        guard let free = Self.free(place), free < Self.least else { return [] }
        return [
            .warning(
                .disk,
                "the disk that holds \(place) is full: \(consequence)",
                fix: "df -h \(ShellWord.quoted(place.string))"
            )
        ]
    }

    /// The folder, or the nearest parent that exists.
    private static func existing(_ folder: FilePath) -> FilePath {
        var folder = folder
        while (try? folder.stat()) == nil, folder.lastComponent != nil { folder.removeLastComponent() }
        return folder
    }

    /// The free bytes; nil when the system doesn't report them.
    private static func free(_ folder: FilePath) -> Int? {
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.string)
        return (facts?[.systemFreeSize] as? UInt64).map { Int(clamping: $0) } ?? facts?[.systemFreeSize] as? Int
    }
}
