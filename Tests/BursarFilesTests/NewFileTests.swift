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

/// Files that replace no other, and the messages for a file that can't be created or read.
struct NewFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `of many that make one file at once, one does, and nothing of the others stays`() async throws {
        let path = folder.path.appending("new")
        let made = await withTaskGroup(of: Int?.self) { group in
            for number in 0..<50 {
                group.addTask {
                    (try? PrivateFile.create(path, Array("\(number)".utf8))).map { number }
                }
            }
            return await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
        }
        #expect(made.count == 1)
        #expect(folder.text("new") == "\(made[0])")
        #expect(try folder.names == ["new"])
        #expect(try path.permissions == 0o600)
    }

    @Test(arguments: ["file", "link", "folder", "pipe"])
    func `what stands there is left alone`(kind: String) throws {
        let path = folder.path.appending("taken")
        switch kind {
        case "file": try folder.write("precious", to: "taken")
        case "link": try folder.link("taken", to: "nowhere")
        case "folder": try PrivateFolder.create(path)
        default: #expect(mkfifo(path.string, 0o600) == 0)
        }
        #expect(throws: FileError(path, .system(.fileExists))) { try PrivateFile.create(path, Array("key".utf8)) }
        #expect(try folder.names == ["taken"])
    }

    @Test func `a finished copy takes a name that is free, and no other`() throws {
        let path = folder.path.appending("copy")
        for isFree in [true, false] {
            let unfinished = try PrivateFile.createUnfinished(in: folder.path)
            let file = try FileDescriptor.open(unfinished, .readWrite)
            try file.writeAll("\(isFree)".utf8)
            if isFree {
                try PrivateFile.publish(file, at: unfinished, as: path)
                #expect(try folder.names == ["copy"])
            } else {
                let taken = FileError(path, .system(.fileExists))
                #expect(throws: taken) { try PrivateFile.publish(file, at: unfinished, as: path) }
            }
            try file.close()
        }
        #expect(folder.text("copy") == "true")
    }

    @Test func `a link stays when the file behind it is removed`() throws {
        let file = try folder.write("", to: "target")
        let link = try folder.link("link", to: "target")
        try AtomicFile.remove(link)
        #expect(throws: Errno.noSuchFileOrDirectory) { try file.stat() }
        #expect(try link.stat(followTargetSymlink: false).type == .symbolicLink)
    }

    @Test func `only folders that aren't there count as missing, the deepest first`() throws {
        let deep = folder.path.appending("a").appending("b")
        #expect(PrivateFolder.missing(deep) == [deep, folder.path.appending("a")])
        try PrivateFolder.create(deep)
        try folder.write("", to: "a/file")
        #expect(PrivateFolder.missing(deep).isEmpty)
        PrivateFolder.removeIfEmpty(deep)
        PrivateFolder.removeIfEmpty(folder.path.appending("a"))
        #expect(try folder.names == ["a"])
        #expect(PrivateFolder.missing(deep) == [deep])
    }

    @Test func `a folder here keeps modes and owners, has locks, and says what is on the disk`() throws {
        let traits = try #require(FolderTraits.try(folder.path.appending("not/there/yet")))
        #expect(
            traits.keepsModes && traits.keepsOwners && traits.hasLocks && traits.hasRecordLocks && traits.synchronizes
        )
        #expect(traits.fault(for: "/x") == nil)
        #expect(try folder.names.isEmpty)
        #expect(FolderTraits.try("/proc/self") == nil)
    }

    @Test(arguments: [
        (FileError.Reason.openToOthers, "chmod 600 '/a b/c'"), (.writableByOthers, "chmod go-w '/a b/c'"),
        (.foreignOwner, #"sudo chown "$(id -un)" '/a b/c', if it is to be yours"#), (.missing, "check the path"),
        (.notAFile, "name an ordinary file, not a folder, a pipe, a socket or a device"),
        (.notAFolder, "what is no folder is in the way: ls -ld '/a b/c'"),
        (.system(.notDirectory), "what is no folder is in the way: ls -ld '/a b/c'"),
        (.system(.tooManySymbolicLinkLevels), "ls -l '/a b/c' shows where the first of the links leads"),
        (.unreadable, "a folder above it keeps you out: namei -l '/a b/c'"),
        (.system(.permissionDenied), "it can't be written: ls -ld '/a b/c' '/a b' shows who may"),
        (.system(.readOnlyFileSystem), "it is mounted read-only; name another place"),
        (.system(.diskQuotaExceeded), "make room on the disk, then try again; nothing was lost"),
        (.system(.resourceBusy), "it is a mount of its own, as containers make them: mount its folder instead"),
    ])
    func `each fault comes with a next step`(reason: FileError.Reason, hint: String) {
        #expect(FileError("/a b/c", reason).hint == hint)
    }

    @Test func `what is in the way is named, not what it is in the way of`() throws {
        let file = try folder.write("", to: "file")
        let fault = #expect(throws: FileError.self) { try FileContent.read(file.appending("a/b"), limit: 1) }
        #expect(fault?.hint == "what is no folder is in the way: ls -ld \(file.shellWord)")
        try PrivateFile.remove(file.appending("a"))
    }

    @Test(arguments: [("/a/b.c_d-e+f:g@h", "/a/b.c_d-e+f:g@h"), ("a'b", #"'a'\''b'"#), ("é", "'é'"), ("a b", "'a b'")])
    func `a path in a hint is one word to a shell`(path: String, word: String) {
        #expect(FilePath(path).shellWord == word)
    }
}
