import BursarFiles
import SystemPackage
import Testing

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
        let path = try #require(folder).file("taken")
        #expect(throws: FileError(path, .notAFolder)) { try PrivateFolder.create(path) }
        #expect(throws: FileError.self) { try PrivateFolder.create(path.appending("child")) }
    }
}
