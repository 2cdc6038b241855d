import Files
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The installed profiles, a private file for each: `${XDG_CONFIG_HOME:-~/.config}/bursar/NAME.json`.
struct ProfileStore: Sendable {
    let folder: FilePath

    /// A file is there, but it isn't a profile as this version writes it.
    struct Unreadable: Error, Equatable {
        let path: FilePath
    }

    func path(of name: ProfileName) -> FilePath {
        folder.appending("\(name).json")
    }

    /// The profile, or nil when none of that name is installed.
    func load(_ name: ProfileName) throws -> StoredProfile? {
        let path = path(of: name)
        guard let bytes = try PrivateFile.readIfPresent(path, limit: 1 << 20) else { return nil }
        do {
            return try JSONDecoder().decode(StoredProfile.self, from: Data(bytes))
        } catch {
            throw Unreadable(path: path)
        }
    }

    func save(_ profile: StoredProfile, as name: ProfileName) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try PrivateFolder.create(folder)
        try PrivateFile.write(try encoder.encode(profile) + Data("\n".utf8), to: path(of: name))
    }

    func remove(_ name: ProfileName) throws {
        try PrivateFile.remove(path(of: name))
    }

    /// Held while profiles and `~/.aws/config` are changed, so that two installs don't undo each other.
    func lock(before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        try PrivateFolder.create(folder)
        return try await FileLock.acquire(folder.appending("lock"), before: deadline)
    }
}
