import BursarFiles
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

struct AtomicFileTests {
    let folder = try? TemporaryFolder()

    @Test(arguments: [0o600, 0o644, 0o640, 0o755])
    func `a replaced file keeps its mode`(mode: Int) throws {
        let path = try #require(folder).write("old", to: "config", mode: mode)
        try AtomicFile.replace(path, with: Array("new".utf8))
        #expect(folder?.text("config") == "new")
        #expect(try path.permissions == FilePermissions.RawValue(mode))
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give files away"))
    func `a replaced file keeps its owner`() throws {
        let path = try #require(folder).write("old", to: "config")
        #expect(chown(path.string, 65_534, 65_533) == 0)
        try AtomicFile.replace(path, with: Array("new".utf8))
        #expect(try path.stat().userID.rawValue == 65_534)
        #expect(try path.stat().groupID.rawValue == 65_533)
    }

    @Test func `a new file is private`() throws {
        let path = try #require(folder).path.appending("config")
        try AtomicFile.replace(path, with: Array("new".utf8))
        #expect(try path.permissions == 0o600)
    }

    @Test func `a link stays a link, also through another folder and another link`() throws {
        let folder = try #require(folder)
        try PrivateFolder.create(folder.path.appending("dotfiles"))
        try folder.write("old", to: "dotfiles/config")
        try folder.link("dotfiles/second", to: "config")
        let link = try folder.link("config", to: "dotfiles/second")
        try AtomicFile.replace(link, with: Array("new".utf8))
        #expect(try link.stat(followTargetSymlink: false).type == .symbolicLink)
        #expect(folder.text("dotfiles/config") == "new")
        #expect(try folder.names == ["config", "dotfiles"])
    }

    @Test func `a link to a file that isn't there yet makes that file`() throws {
        let folder = try #require(folder)
        let link = try folder.link("config", to: "target")
        try AtomicFile.replace(link, with: Array("new".utf8))
        #expect(folder.text("target") == "new")
    }

    @Test func `links in a circle are refused`() throws {
        let folder = try #require(folder)
        try folder.link("a", to: "b")
        let path = try folder.link("b", to: "a")
        #expect(throws: FileError(path, .tooManyLinks)) { try AtomicFile.replace(path, with: []) }
    }

    @Test func `a folder is not replaced`() throws {
        let path = try #require(folder).path
        #expect(throws: FileError(path, .notAFile)) { try AtomicFile.replace(path, with: []) }
    }
}
