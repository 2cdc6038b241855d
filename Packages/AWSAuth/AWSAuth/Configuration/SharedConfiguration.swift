import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// `~/.aws/config` and `~/.aws/credentials`, or the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name.
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
            // Of two that mean the same, the last counts, as a whole.
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
    /// What is wrong, without the path.
    var problem: String {
        String(description.dropFirst(path.string.count + 2))
    }
}
