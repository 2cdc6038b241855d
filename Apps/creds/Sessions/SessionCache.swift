import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import SystemPackage

/// One profile's session on disk: `${XDG_CACHE_HOME:-~/.cache}/bursar/CACHEID.json`, with its lock and last error beside.
struct SessionCache: Sendable {
    private let folder: FilePath
    private let id: CacheID

    init(folder: FilePath, id: CacheID) {
        self.folder = folder
        self.id = id
    }

    /// The session, or nil when there is none that can be trusted: a cache is never worth an error.
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

    /// Everything that was kept under this id, and the folder where nothing else is in it.
    func removeAll() throws(FileError) {
        for path in [file("json"), file("error")] + FileLock.files(of: file("lock")) {
            try PrivateFile.remove(path)
        }
        PrivateFolder.removeIfEmpty(folder)
    }

    /// What went wrong last, for `creds status`: SDKs don't always show it.
    func recordFailure(_ problem: UserFacingError, at date: Date) throws(FileError) {
        try PrivateFolder.create(folder)
        try PrivateFile.write(LastFailure(problem, at: date).line.utf8, to: file("error"))
    }

    /// nil when nothing went wrong since the last success, or what is there can't be read.
    func lastFailure() -> LastFailure? {
        (try? PrivateFile.readIfPresent(file("error"), limit: 16 << 10)).flatMap { $0 }
            .flatMap { LastFailure(line: String(decoding: $0, as: UTF8.self)) }
    }

    func clearFailure() throws(FileError) {
        try PrivateFile.remove(file("error"))
    }

    /// The right to ask the server, at once or not at all.
    func tryLock() throws(FileError) -> FileLock? {
        try PrivateFolder.create(folder)
        return try FileLock.tryAcquire(file("lock"))
    }

    /// The right to ask the server, when nobody else does any longer.
    func lock(before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        try PrivateFolder.create(folder)
        return try await FileLock.acquire(file("lock"), before: deadline)
    }

    /// What killed runs left behind: a session that nobody will read.
    func removeAbandoned(at date: Date) {
        AbandonedFiles.remove(from: folder, at: date)
    }

    private func file(_ kind: String) -> FilePath {
        folder.appending("\(id).\(kind)")
    }
}
