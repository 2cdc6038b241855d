import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// `~/.aws/config` and `~/.aws/credentials`, or the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`
/// name.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html, read as botocore reads them.
struct SharedConfiguration {
    /// Both files together; the credentials file's settings win.
    private(set) var profiles: [ExactText: Profile] = [:]
    /// The profiles of the config file alone.
    private(set) var configProfiles: [ExactText: Profile] = [:]
    /// The sections of the credentials file.
    private(set) var credentialProfiles: [ExactText: Profile] = [:]
    private(set) var ssoSessions: [ExactText: Profile] = [:]
    private(set) var services: [ExactText: Profile] = [:]

    /// Reads both files; one that isn't there is empty.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` with the file and the line.
    init(environment: [String: String]) throws(CredentialError) {
        let paths = PathExpansion(environment: environment)
        let config = environment["AWS_CONFIG_FILE"] ?? "~/.aws/config"
        let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials"
        try self.init(
            config: Self.document(paths.expand(config)),
            credentials: Self.document(paths.expand(credentials))
        )
    }

    init(config: INIDocument, credentials: INIDocument) {
        for section in config.sections {
            switch AWSSectionName(section.name) {
            // Of two sections with the same meaning, the last counts, as a whole.
            case .profile(let name): configProfiles[name] = Profile(name: name.text, sections: [section])
            case .ssoSession(let name): ssoSessions[name] = Profile(name: name.text, sections: [section])
            case .services(let name): services[name] = Profile(name: name.text, sections: [section])
            case .other: break
            }
        }
        profiles = configProfiles
        for section in credentials.sections {
            let profile = Profile(name: section.name.text, sections: [section])
            credentialProfiles[section.name] = profile
            profiles[section.name, default: Profile(name: section.name.text)].sections.insert(section, at: 0)
        }
    }

    private static func document(_ path: FilePath?) throws(CredentialError) -> INIDocument {
        guard let path else { return INIDocument([]) }
        let document: INIDocument
        do {
            document = INIDocument(try FileContent.read(path, limit: INIDocument.longestFile))
        } catch  where error.reason == .missing || error.reason == .notAFile || error.reason == .system(.notDirectory) {
            return INIDocument([])
        } catch {
            throw .malformed(source: path.string, detail: error.problem)
        }
        if let error = document.error { throw .malformed(source: path.string, detail: error.description) }
        return document
    }
}

extension FileError {
    /// The description without the path.
    var problem: String {
        String(description.dropFirst(path.string.count + 2))
    }
}

/// A profile: its settings in the config file, overridden by those in the credentials file.
///
/// Also an `sso-session` or `services` section, which has the same form.
struct Profile {
    let name: String
    /// A setting in an earlier section wins; each section includes the `[DEFAULT]` of its file.
    var sections: [INIDocument.Section] = []

    subscript(_ setting: ExactText) -> INIDocument.Value? {
        sections.lazy.compactMap { $0[setting]?.value }.first
    }

    /// A setting; nil when it isn't there.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` if the setting is an indented block.
    func text(_ setting: ExactText) throws(CredentialError) -> String? {
        guard let value = self[setting] else { return nil }
        guard let text = value.text else {
            throw .malformed(source: "profile \(name)", detail: "\(setting) is a block, not a value")
        }
        return text
    }

    func has(_ setting: ExactText) -> Bool {
        self[setting] != nil
    }

    /// A setting that must be there and not empty.
    func required(_ setting: ExactText) throws(CredentialError) -> String {
        guard let text = try text(setting), !text.isEmpty else {
            throw .incomplete(source: "profile \(name)", missing: setting.text)
        }
        return text
    }

    /// True if the profile has keys of its own, not only those of a role that it assumes.
    var hasStaticKeys: Bool {
        has("aws_access_key_id") || has("aws_secret_access_key")
    }

    /// A role over a source; one with a web identity isn't, as that needs no source.
    var hasRole: Bool {
        has("role_arn") && !has("web_identity_token_file")
    }
}
