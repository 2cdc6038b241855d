import BursarFiles
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct PrivateFileTests {
    let folder = try? TemporaryFolder()

    @Test func `what was written is read back, and only the owner may read it`() throws {
        let folder = try #require(folder)
        let path = folder.path.appending("secret")
        try PrivateFile.write("text".utf8, to: path)
        #expect(try PrivateFile.read(path, limit: 100) == Array("text".utf8))
        #expect(try path.permissions == 0o600)
        #expect(try folder.names == ["secret"])
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o620, 0o644])
    func `a secret that others may read or change is refused`(mode: Int) throws {
        let path = try #require(folder).write("text", to: "secret", mode: mode)
        #expect(throws: FileError(path, .openToOthers)) { try PrivateFile.read(path, limit: 100) }
    }

    @Test func `a secret of another user is refused`() throws {
        var path: FilePath = "/etc/passwd"
        if geteuid() == 0 {
            path = try #require(folder).write("", to: "secret")
            #expect(chown(path.string, 65_534, 65_534) == 0)
        }
        #expect(throws: FileError(path, .foreignOwner)) { try PrivateFile.read(path, limit: 1 << 20) }
    }

    @Test func `a pipe is refused at once instead of waited for`() throws {
        let path = try #require(folder).path.appending("pipe")
        #expect(mkfifo(path.string, 0o600) == 0)
        #expect(throws: FileError(path, .notAFile)) { try PrivateFile.read(path, limit: 100) }
    }

    @Test func `a folder is refused`() throws {
        let path = try #require(folder).path
        #expect(throws: FileError(path, .notAFile)) { try FileContent.read(path, limit: 100) }
    }

    @Test func `a file may be as large as the limit and not one byte larger`() throws {
        let path = try #require(folder).write("12345", to: "secret")
        #expect(try PrivateFile.read(path, limit: 5).count == 5)
        #expect(throws: FileError(path, .tooLarge(limit: 4))) { try PrivateFile.read(path, limit: 4) }
    }

    #if os(Linux)
    @Test func `a file that says it is empty is read to its end all the same`() throws {
        #expect(try !FileContent.read("/proc/self/status", limit: 1 << 20).isEmpty)
    }
    #endif

    @Test func `a file that isn't there is missing, or nil when that is asked for`() throws {
        let path = try #require(folder).path.appending("none")
        #expect(throws: FileError(path, .missing)) { try PrivateFile.read(path, limit: 100) }
        #expect(try PrivateFile.readIfPresent(path, limit: 100) == nil)
    }

    @Test func `writing replaces a link and leaves what it pointed to`() throws {
        let folder = try #require(folder)
        try folder.write("precious", to: "victim")
        let link = try folder.link("secret", to: "victim")
        try PrivateFile.write("text".utf8, to: link)
        #expect(folder.text("victim") == "precious")
        #expect(folder.text("secret") == "text")
    }

    @Test func `a write that fails leaves nothing behind`() throws {
        let folder = try #require(folder)
        let path = folder.path.appending("taken")
        try PrivateFolder.create(path.appending("inside"))
        #expect(throws: FileError.self) { try PrivateFile.write("text".utf8, to: path) }
        #expect(try folder.names == ["taken"])
    }

    @Test func `a name as long as names can be is written`() throws {
        let folder = try #require(folder)
        let name = String(repeating: "n", count: 255)
        try PrivateFile.write("text".utf8, to: folder.path.appending(name))
        #expect(try folder.names == [name])
    }
}

struct PrivateFolderTests {
    let folder = try? TemporaryFolder()

    @Test func `a folder and its missing parents are private`() throws {
        let parent = try #require(folder).path.appending("parent")
        let path = parent.appending("child").appending("grandchild")
        try PrivateFolder.create(path)
        for made in [parent, parent.appending("child"), path] {
            #expect(try made.permissions == 0o700)
        }
    }

    @Test func `a folder that exists stays as it is`() throws {
        let path = try #require(folder).path
        let before = try path.permissions
        try PrivateFolder.create(path)
        #expect(try path.permissions == before)
    }

    @Test func `an empty path is the working folder, which exists`() throws {
        try PrivateFolder.create("")
    }

    @Test func `a file in the way is named`() throws {
        let path = try #require(folder).write("", to: "taken")
        #expect(throws: FileError(path, .notAFolder)) { try PrivateFolder.create(path) }
        #expect(throws: FileError.self) { try PrivateFolder.create(path.appending("child")) }
    }
}

extension FilePath {
    var permissions: FilePermissions.RawValue {
        get throws { try stat().permissions.rawValue }
    }
}
