import BursarFoundation
import GRDB
import StorageTestSupport
import SystemPackage
import Testing

@testable import SQLiteStore
@testable import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whose a database has to be, and its folder: who can put one there has keys of their own in it.
@Suite struct DatabaseFilesTests {
    private let place = TemporaryStore()
    private var folder: String { place.folder + "/state" }

    init() throws {
        try place.file().pool.close()
    }

    private func problem(for use: DatabaseUse = .server, at path: String? = nil) -> StoreError? {
        #expect(throws: StoreError.self) { _ = try Store(opening: path ?? place.path, for: use) }
    }

    private func set(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o602, 0o644, 0o610])
    func `a file that others may read or write is not served`(mode: Int) throws {
        try set(mode, place.path)
        #expect(problem() == .openToOthers(path: place.path))
    }

    @Test(arguments: ["-wal", "-shm", "-journal", ".server"], [0o644, 0o620])
    func `nor is one whose log or index others may`(ending: String, mode: Int) throws {
        try Data().write(to: URL(filePath: place.path + ending))
        try set(mode, place.path + ending)
        #expect(problem() == .openToOthers(path: place.path + ending))
    }

    @Test(arguments: [0o777, 0o775, 0o702, 0o770])
    func `nor is one in a folder that others may write to`(mode: Int) throws {
        try set(mode, folder)
        #expect(problem() == .openFolder(path: folder))
    }

    @Test(arguments: [0o1777, 0o700, 0o755, 0o750])
    func `a folder that is shut, or sticky, will do`(mode: Int) throws {
        try set(mode, folder)
        _ = try Store(opening: place.path)
    }

    @Test func `a link counts by the folder that it is in, too`() throws {
        let open = place.folder + "/open"
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: open + "/db", withDestinationPath: place.path)
        _ = try Store(opening: open + "/db")
        try set(0o777, open)
        #expect(problem(at: open + "/db") == .openFolder(path: open))
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give files away"), arguments: ["", "-wal", "-shm"])
    func `a file of another user's is not served, and root's console says nothing of it`(ending: String) throws {
        if !ending.isEmpty { try Data().write(to: URL(filePath: place.path + ending)) }
        try set(0o600, place.path + ending)
        #expect(chown(place.path + ending, 61_500, 61_500) == 0)
        #expect(problem() == .foreignOwner(path: place.path + ending))
        _ = try Store(opening: place.path, for: .console)
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give files away"))
    func `nor is one in a folder of another user's`() throws {
        #expect(chown(folder, 61_500, 61_500) == 0)
        #expect(problem() == .openFolder(path: folder))
        // The user of the server may be another than the one who asks.
        let problems = DatabaseFiles(of: place.path).problems(owner: UserID(rawValue: 61_500))
        #expect(problems.contains(.foreignOwner(path: place.path)))
    }

    @Test func `none is made in a folder that no database is served from`() throws {
        try set(0o700, folder)
        let path = folder + "/new.sqlite"
        try Store(creating: path).pool.close()
        #expect(throws: StoreError.exists(path: path)) { _ = try Store(creating: path) }
    }

    @Test func `what could not be made leaves no folder behind`() throws {
        let file = place.folder + "/file"
        try Data().write(to: URL(filePath: file))
        #expect(throws: (any Error).self) { _ = try Store(creating: file + "/a/b.sqlite") }
        let tooLong = place.folder + "/a/b/" + String(repeating: "n", count: 300)
        #expect(throws: (any Error).self) { _ = try Store(creating: tooLong) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted() == ["file", "state"])
    }
}
