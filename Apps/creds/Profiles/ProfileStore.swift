import BursarConsole
import BursarFiles
import BursarFoundation
import SystemPackage

/// The installed profiles, each in a private file: `${XDG_CONFIG_HOME:-~/.config}/bursar/NAME.json`.
struct ProfileStore: Sendable {
    let folder: FilePath

    /// A file that exists but is no profile in this version's format.
    struct Unreadable: Error, Equatable {
        let path: FilePath
    }

    func path(of name: ProfileName) -> FilePath {
        folder.appending("\(name).json")
    }

    /// The profile, or nil if none of that name is installed.
    func load(_ name: ProfileName) throws -> StoredProfile? {
        let path = path(of: name)
        guard let bytes = try PrivateFile.readIfPresent(path, limit: 1 << 20) else { return nil }
        do {
            return try JSONDecoder().decode(StoredProfile.self, from: Data(bytes))
        } catch {
            throw Unreadable(path: path)
        }
    }

    /// The names of all installed profiles, readable or not, in alphabetical order.
    func names() -> [ProfileName] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        return files.filter { $0.hasSuffix(".json") }
            .compactMap { try? ProfileName(parsing: String($0.dropLast(".json".count))) }
            .sorted { $0.description < $1.description }
    }

    /// The profile's cache id alone, read without a JSON library; nil when the file isn't in the form of
    /// ``save(_:as:)``.
    ///
    /// The text that is searched for can't be part of another value: a quote there has a backslash before it.
    func cacheID(of name: ProfileName) throws -> CacheID? {
        let bytes = try PrivateFile.read(path(of: name), limit: 1 << 20)
        guard let mark = bytes.firstRange(of: Array(#""cacheID" : ""#.utf8)) else { return nil }
        return CacheID(String(decoding: bytes[mark.upperBound...].prefix(CacheID.length), as: UTF8.self))
    }

    func save(_ profile: StoredProfile, as name: ProfileName) throws {
        try PrivateFolder.create(folder)
        try PrivateFile.write(Array((try JSONText.of(profile) + "\n").utf8), to: path(of: name))
    }

    func remove(_ name: ProfileName) throws {
        try PrivateFile.remove(path(of: name))
    }

    /// Removes leftovers of killed runs: temporary files with a key, and the empty file that a file system was tested
    /// with, which may be in the two parent folders if the profiles' folder didn't exist yet.
    func removeAbandoned(at date: Date) {
        for place in [folder, folder.removingLastComponent(), folder.removingLastComponent().removingLastComponent()] {
            AbandonedFiles.remove(from: place, at: date)
        }
    }

    /// Runs `body` while no other creds changes profiles or `~/.aws/config`, so that two installs don't undo each
    /// other.
    ///
    /// When no profile is left, the lock and the folder are removed.
    ///
    /// - Throws: ``UserFacingError`` when another takes longer than ten seconds, or the error of `body`.
    func whileLocked<Value>(_ body: () throws -> Value) async throws -> Value {
        guard let lock = try await lock(before: .now.advanced(by: .seconds(10))) else {
            throw UserFacingError("another creds is changing profiles", hint: "try again shortly")
        }
        let result = Result { try body() }
        if names().isEmpty {
            for file in FileLock.files(of: lockPath) { try? PrivateFile.remove(file) }
            PrivateFolder.removeIfEmpty(folder)
        }
        lock.release()
        return try result.get()
    }

    private var lockPath: FilePath { folder.appending("lock") }

    private func lock(before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        while true {
            do {
                try PrivateFolder.create(folder)
                return try await FileLock.acquire(lockPath, before: deadline)
            } catch let fault as FileError where fault.reason == .missing && ContinuousClock.now < deadline {
                // Another creds has removed the last profile meanwhile, and the folder with it.
            }
        }
    }
}
