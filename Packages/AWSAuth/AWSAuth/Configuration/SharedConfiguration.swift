import BursarCore
import Files
import SystemPackage

/// `~/.aws/config` and `~/.aws/credentials`, or the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html, read as botocore reads them.
struct SharedConfiguration {
    /// Both files together; the credentials file's settings win.
    private(set) var profiles: [String: Profile] = [:]
    /// The profiles of the config file alone.
    private(set) var configProfiles: [String: Profile] = [:]
    /// The sections of the credentials file.
    private(set) var credentialProfiles: [String: Profile] = [:]
    private(set) var ssoSessions: [String: Profile] = [:]
    private(set) var services: [String: Profile] = [:]

    /// Bytes; real files hold a few thousand.
    static let longestFile = 4 << 20

    /// Reads both files; one that isn't there is empty.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` with the file and the line.
    init(environment: [String: String]) throws(CredentialError) {
        let paths = PathExpansion(environment: environment)
        let config = environment["AWS_CONFIG_FILE"] ?? "~/.aws/config"
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials"
        try self.init(
            config: Self.sections(paths.expand(config)),
            credentials: Self.sections(paths.expand(credentials))
        )
    }

    init(config: [ConfigSection], credentials: [ConfigSection]) {
        for section in config {
            if section.name == "default" {
                configProfiles["default"] = Profile(name: "default", settings: section.settings)
            } else if section.name.hasPrefix("profile") {
                Self.add(section, to: &configProfiles)
            } else if section.name.hasPrefix("sso-session") {
                Self.add(section, to: &ssoSessions)
            } else if section.name.hasPrefix("services") {
                Self.add(section, to: &services)
            }
        }
        profiles = configProfiles
        for section in credentials {
            let profile = Profile(name: section.name, settings: section.settings)
            credentialProfiles[section.name] = profile
            profiles[section.name, default: Profile(name: section.name)].settings.merge(section.settings) { $1 }
        }
    }

    /// `[profile NAME]`: two words, the second perhaps in quotes; anything else is nobody's section.
    private static func add(_ section: ConfigSection, to profiles: inout [String: Profile]) {
        guard let words = try? ShellWords.split(section.name), words.count == 2 else { return }
        profiles[words[1]] = Profile(name: words[1], settings: section.settings)
    }

    private static func sections(_ path: FilePath?) throws(CredentialError) -> [ConfigSection] {
        guard let path else { return [] }
        let bytes: [UInt8]
        do {
            bytes = try FileContent.read(path, limit: longestFile)
        } catch  where error.reason == .missing || error.reason == .notAFile || error.reason == .system(.notDirectory) {
            return []
        } catch {
            throw .malformed(source: path.string, detail: error.problem)
        }
        do {
            return try ConfigParser.parse(bytes)
        } catch {
            throw .malformed(source: path.string, detail: error.description)
        }
    }
}

extension FileFault {
    /// What is wrong, without the path.
    var problem: String {
        String(description.dropFirst(path.string.count + 2))
    }
}
