import BursarFoundation
import BursarHTTP
import BursarModel

/// One installed profile: its server, its key, and the change to `~/.aws/config`.
struct StoredProfile: Sendable, Equatable {
    var server: ServerURL
    var key: KeySource
    var region: String?
    /// The name of the cache.
    ///
    /// It changes with server or key, so that no session is served for another.
    var cacheID: CacheID
    /// The change to `~/.aws/config`; nil until `install` has made it.
    var config: ConfigInstallation?
    /// An older helper's entry in `~/.aws/credentials`, to be restored.
    var taken: DisplacedEntry?
    /// Folders that the install created, the deepest first; they are removed once they are empty.
    var folders: [String]?
}

/// The file that was edited for a profile, and the edit.
struct ConfigInstallation: Codable, Sendable, Equatable {
    /// The file's path.
    ///
    /// It is stored because `AWS_CONFIG_FILE` may differ when the profile is uninstalled.
    var file: String
    var record: ConfigRecord
    /// True if the install created the file.
    var madeFile: Bool
    /// A fingerprint of the original file, to recognise a complete restoration; profiles of earlier versions have none.
    var before: Fingerprint?
}

/// The source of a profile's key.
enum KeySource: Sendable, Equatable {
    case stored(Secret<String>)
    /// A command that prints the key, of a password manager or keychain tool. Run by `sh -c`.
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
