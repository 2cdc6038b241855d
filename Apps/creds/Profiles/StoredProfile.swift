import BursarFoundation
import BursarHTTP
import BursarModel

/// One installed profile: which server, which key, and what was done to `~/.aws/config` for it.
struct StoredProfile: Sendable, Equatable {
    var server: ServerURL
    var key: KeySource
    var region: String?
    /// Names the cache; new whenever server or key changes, so that no session is served for another.
    var cacheID: CacheID
    /// nil while `install` has not come to it.
    var config: ConfigInstallation?
    /// What an older helper had in `~/.aws/credentials`, to be put back.
    var taken: DisplacedEntry?
    /// Folders that weren't there before the install, the deepest first: they go again once they are empty.
    var folders: [String]?
}

/// The file that was edited for a profile, and how.
struct ConfigInstallation: Codable, Sendable, Equatable {
    /// Remembered, since `AWS_CONFIG_FILE` may say otherwise when the profile is uninstalled.
    var file: String
    var record: ConfigRecord
    /// There was no file before.
    var madeFile: Bool
    /// The file before that, to tell whether it is that again; profiles of an earlier creds don't know.
    var before: Fingerprint?
}

/// Where a profile's key comes from.
enum KeySource: Sendable, Equatable {
    case stored(Secret<String>)
    /// A command that prints the key: a password manager or keychain tool. Run by `sh -c`.
    case command(String)
}

extension StoredProfile: Codable {
    private enum CodingKeys: String, CodingKey {
        case server
        case key
        case keyCommand
        case region
        case cacheID
        case config
        case taken
        case folders
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        server = try ServerURL(parsing: container.decode(String.self, forKey: .server))
        if let command = try container.decodeIfPresent(String.self, forKey: .keyCommand) {
            key = .command(command)
        } else {
            key = .stored(try container.decode(Secret<String>.self, forKey: .key))
        }
        region = try container.decodeIfPresent(String.self, forKey: .region)
        cacheID = try container.decode(CacheID.self, forKey: .cacheID)
        config = try container.decodeIfPresent(ConfigInstallation.self, forKey: .config)
        taken = try container.decodeIfPresent(DisplacedEntry.self, forKey: .taken)
        folders = try container.decodeIfPresent([String].self, forKey: .folders)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(server.description, forKey: .server)
        switch key {
        case .stored(let key): try container.encode(key.reveal(), forKey: .key)
        case .command(let command): try container.encode(command, forKey: .keyCommand)
        }
        try container.encodeIfPresent(region, forKey: .region)
        try container.encode(cacheID, forKey: .cacheID)
        try container.encodeIfPresent(config, forKey: .config)
        try container.encodeIfPresent(taken, forKey: .taken)
        try container.encodeIfPresent(folders, forKey: .folders)
    }
}
