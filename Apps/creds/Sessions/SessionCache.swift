import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import SystemPackage

/// One profile's session on disk: `${XDG_CACHE_HOME:-~/.cache}/bursar/CACHEID.json`, with its lock and last error
/// beside.
struct SessionCache: Sendable {
    private let folder: FilePath
    private let id: CacheID

    init(folder: FilePath, id: CacheID) {
        self.folder = folder
        self.id = id
    }

    /// The session, or nil if no trustworthy one exists: an unreadable cache is never an error.
    func read() -> CachedSession? {
        (try? PrivateFile.readIfPresent(file("json"), limit: 64 << 10)).flatMap { $0 }
            .flatMap { CachedSession(fileContent: $0) }
    }

    func write(_ session: CachedSession) throws(FileError) {
        try PrivateFolder.create(folder)
        try PrivateFile.write(session.fileContent.reveal().utf8, to: file("json"))
    }

    func removeSession() throws(FileError) {
        try PrivateFile.remove(file("json"))
    }

    /// Removes all files of this id, and the folder if it is empty then.
    func removeAll() throws(FileError) {
        for path in [file("json"), file("error")] + FileLock.files(of: file("lock")) {
            try PrivateFile.remove(path)
        }
        PrivateFolder.removeIfEmpty(folder)
    }

    /// Records the last failure for `creds status`, since SDKs don't always show it.
    func recordFailure(_ problem: UserFacingError, at date: Date) throws(FileError) {
        try PrivateFolder.create(folder)
        try PrivateFile.write(LastFailure(problem, at: date).line.utf8, to: file("error"))
    }

    /// The failure since the last success; nil if there was none, or the file can't be read.
    func lastFailure() -> LastFailure? {
        (try? PrivateFile.readIfPresent(file("error"), limit: 16 << 10)).flatMap { $0 }
            .flatMap { LastFailure(line: String(decoding: $0, as: UTF8.self)) }
    }

    func clearFailure() throws(FileError) {
        try PrivateFile.remove(file("error"))
    }

    /// Acquires the lock for asking the server, or returns nil at once.
    func tryLock() throws(FileError) -> FileLock? {
        try PrivateFolder.create(folder)
        return try FileLock.tryAcquire(file("lock"))
    }

    /// Waits for the lock for asking the server.
    func lock(before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        try PrivateFolder.create(folder)
        return try await FileLock.acquire(file("lock"), before: deadline)
    }

    /// Removes temporary files that killed runs left, which hold a session.
    func removeAbandoned(at date: Date) {
        AbandonedFiles.remove(from: folder, at: date)
    }

    private func file(_ kind: String) -> FilePath {
        folder.appending("\(id).\(kind)")
    }
}

/// The random name of a profile's cache: 22 digits of base62.
struct CacheID: Hashable, Sendable, CustomStringConvertible {
    static let length = 22
    let description: String

    init?(_ text: String) {
        guard text.utf8.count == Self.length, Base62.isValid(Array(text.utf8)[...]) else { return nil }
        description = text
    }

    init(using generator: inout some RandomNumberGenerator) {
        description = Base62.random(length: Self.length, using: &generator)
    }
}

/// Encoded as a plain string; a string that is no id is refused, so that it names no file.
extension CacheID: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a cache id")
        }
        self = id
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The last failure, as it is kept beside the session: one line, its parts separated by tabs.
struct LastFailure: Equatable, Sendable {
    let date: Date
    let problem: String
    let hint: String?

    init(_ problem: UserFacingError, at date: Date) {
        self.date = date
        self.problem = problem.problem
        hint = problem.hint
    }

    /// Returns nil for any other format.
    init?(line: String) {
        let parts = line.trimmingASCIIWhitespace().split(separator: "\t", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let date = Timestamp.date(String(parts[0])) else { return nil }
        self.date = date
        problem = String(parts[1])
        hint = parts.count == 3 && !parts[2].isEmpty ? String(parts[2]) : nil
    }

    /// The line, with keys redacted and control characters escaped.
    var line: String {
        [Timestamp.string(date), problem, hint ?? ""]
            .map { ControlText.visible(Redaction.keys(in: $0)) }
            .joined(separator: "\t") + "\n"
    }
}
