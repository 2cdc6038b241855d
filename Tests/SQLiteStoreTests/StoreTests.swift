import BursarFiles
import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import SystemPackage
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

@Suite struct StoreTests {
    private let place = TemporaryStore()

    private func problem(opening path: String) -> StoreError? {
        do {
            _ = try Store(opening: path)
            return nil
        } catch {
            return error as? StoreError
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(atPath: place.folder + "/state", withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: place.path))
    }

    @Test func `a new database and what SQLite puts beside it are readable by their owner alone`() throws {
        let store = try place.file()
        try store.addAda()
        for file in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: place.path + file)
            #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(file)")
        }
        let folder = try FileManager.default.attributesOfItem(atPath: place.folder + "/state")
        #expect((folder[.posixPermissions] as? Int) == 0o700)
    }

    @Test func `commits are synced to disk, in WAL mode`() throws {
        let store = try place.file()
        let (journal, synchronous) = try store.pool.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
    }

    @Test func `what was written is there when it is opened again`() throws {
        try place.file().addAda()
        #expect(try Store(opening: place.path).lists.researchers().map(\.handle.description) == ["ada"])
    }

    @Test func `a missing database is not made by surprise`() {
        #expect(problem(opening: place.path) == .missing(path: place.path))
        #expect(!FileManager.default.fileExists(atPath: place.path))
    }

    @Test func `an existing file is not overwritten`() throws {
        try write(Array("precious".utf8))
        #expect(throws: StoreError.exists(path: place.path)) { try place.file() }
        #expect(try Data(contentsOf: URL(filePath: place.path)) == Data("precious".utf8))
    }

    @Test func `a file that isn't SQLite is refused and left as it is`() throws {
        let text = Array(String(repeating: "not a database ", count: 100).utf8)
        try write(text)
        #expect(problem(opening: place.path) == .notOurs(path: place.path))
        #expect(try Array(Data(contentsOf: URL(filePath: place.path))) == text)
    }

    @Test func `another program's database is refused`() throws {
        try write([])
        try DatabaseQueue(path: place.path).write { db in try db.execute(sql: "CREATE TABLE theirs (a)") }
        #expect(problem(opening: place.path) == .notOurs(path: place.path))
    }

    @Test func `a database of a newer version is refused`() throws {
        let store = try place.file()
        try store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')")
        }
        #expect(problem(opening: place.path) == .newer(path: place.path))
    }

    @Test func `a database that another process is writing to counts as locked`() throws {
        let store = try place.file()
        let other = try DatabaseQueue(path: place.path)
        try other.inDatabase { db in
            try db.beginTransaction(.immediate)
            #expect(throws: StoreError.locked) { try store.addAda() }
            try db.rollback()
        }
        try store.addAda()
    }

    @Test func `a database that others may write is refused`() throws {
        _ = try place.file()
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: place.path)
        #expect(problem(opening: place.path) == .openToOthers(path: place.path))
    }

    @Test func `a database that was moved away takes no more writes and gives no more news`() async throws {
        let store = try place.file()
        try FileManager.default.copyItem(atPath: place.path, toPath: place.path + ".copy")
        try FileManager.default.removeItem(atPath: place.path)
        #expect(throws: StoreError.replaced(path: place.path)) { try store.addAda() }
        try FileManager.default.moveItem(atPath: place.path + ".copy", toPath: place.path)
        #expect(throws: StoreError.replaced(path: place.path)) { try store.addAda() }
        await #expect(throws: StoreError.replaced(path: place.path)) { try await store.directory.changes(since: 0) }
    }

    @Test func `a full disk changes nothing`() throws {
        let store = try place.file()
        try store.addAda()
        try store.fill()
        #expect(throws: StoreError.full) {
            for number in 0..<1000 { _ = try store.issueKey(label: String(repeating: "\(number)", count: 100)) }
        }
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a database's place is the option, the variable, or the user's state folder`() throws {
        let variable = ["BURSAR_DATABASE": "/b", "HOME": "/home/ada"]
        #expect(try DatabaseLocation.path(option: "/a", environment: variable) == "/a")
        #expect(try DatabaseLocation.path(option: nil, environment: variable) == "/b")
        #expect(
            try DatabaseLocation.path(option: nil, environment: ["HOME": "/home/ada"])
                == "/home/ada/.local/state/bursar/bursar.sqlite"
        )
        #expect(throws: StoreError.noHome) { try DatabaseLocation.path(option: nil, environment: ["HOME": ""]) }
    }

    @Test func `without HOME a database's place is below the folder that the system has for the user`() throws {
        let home = FilePath(try #require(PasswordEntry.home(of: nil)))
        let place = home.appending(".local").appending("state").appending("bursar").appending("bursar.sqlite")
        #expect(try DatabaseLocation.path(option: nil, environment: [:]) == place.string)
    }
}
