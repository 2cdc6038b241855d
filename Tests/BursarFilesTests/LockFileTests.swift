import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import BursarFiles

/// The lock of file systems that have none, and how it tells who made it.
struct LockFileTests {
    private let folder: TemporaryFolder
    private let path: FilePath
    private let clock: FileDescriptor
    private let own = ProcessMark.current().description

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.write("", to: "lock")
        clock = try FileDescriptor.open(path, .readWrite)
    }

    private func make() throws -> LockFile? { try LockFile.make(for: path, clock: clock) }

    private func set(_ file: FilePath, age: Int) throws {
        let attributes = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: TimeInterval(-age))]
        try FileManager.default.setAttributes(attributes, ofItemAtPath: file.string)
    }

    @Test func `one has it until it lets go`() throws {
        let first = try #require(try make())
        #expect(try make() == nil)
        first.remove()
        #expect(try folder.names == ["lock"])
        #expect(try make() != nil)
    }

    @Test func `of many at once, one gets it`() async throws {
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { try make() != nil } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }

    @Test func `a process that has gone holds nothing, whatever its number is now`() async throws {
        for mark in [try await Self.markOfGone(), Self.changed(own, start: "1")] {
            try folder.write(".bursar-\(mark)-x", to: "lock.held")
            let lock = try #require(try make())
            #expect(try folder.names == ["lock", "lock.held"])
            lock.remove()
        }
    }

    @Test(arguments: [(0, false), (14, false), (17, true), (3600, true)])
    func `another machine's is cleared away when no run of Bursar's takes that long`(age: Int, isCleared: Bool) throws {
        let held = try folder.write(".bursar-\(Self.changed(own, machine: "zz"))-x", to: "lock.held")
        try set(held, age: age)
        #expect(try (make() != nil) == isCleared)
        #expect(try folder.names == ["lock", "lock.held"])
    }

    @Test func `where the times of files can't be set, an abandoned one ages all the same`() throws {
        let held = try folder.write(".bursar-\(Self.changed(own, machine: "zz"))-x", to: "lock.held")
        let noClock = FileDescriptor(rawValue: -1)
        #expect(try LockFile.make(for: path, clock: noClock) == nil)
        try set(held, age: 3600)
        #expect(try LockFile.make(for: path, clock: noClock) != nil)
        #expect(try folder.names == ["lock", "lock.held"])
    }

    @Test func `one whose time lies far ahead ages from when it is seen`() throws {
        let held = try folder.write(".bursar-\(Self.changed(own, machine: "zz"))-x", to: "lock.held")
        try set(held, age: -86_400)
        #expect(try make() == nil)
        #expect(SystemCalls.modified(try held.stat()) <= Int(Date().timeIntervalSince1970) + 1)
        try set(held, age: 17)
        #expect(try make() != nil)
    }

    /// Files that no process finished, or that Bursar didn't write.
    @Test(arguments: ["", "x"])
    func `one that doesn't say who made it is cleared away once it is old`(content: String) throws {
        let held = try folder.write(content, to: "lock.held")
        #expect(try make() == nil)
        try set(held, age: 17)
        #expect(try make() != nil)
    }

    @Test func `what one process is clearing away, another leaves to it`() async throws {
        let abandoned = ".bursar-\(try await Self.markOfGone())-x"
        let held = try folder.write(abandoned, to: "lock.held")
        let clearing = LockFile.path(toClear: held, with: Array(abandoned.utf8))
        try folder.write(".bursar-\(own)-y", to: try #require(clearing.lastComponent).string)
        #expect(try make() == nil)
        #expect(folder.text("lock.held") == abandoned)
        try SystemCalls.remove(clearing)
        #expect(try make() != nil)
    }

    @Test(arguments: [(1, true), (3, true), (4, false)])
    func `processes that were killed while they cleared one away hold nothing`(killed: Int, isHad: Bool) async throws {
        let gone = try await Self.markOfGone()
        var held = LockFile.path(for: path)
        for number in 0...killed {
            let content = ".bursar-\(gone)-\(number)"
            try folder.write(content, to: try #require(held.lastComponent).string)
            held = LockFile.path(toClear: held, with: Array(content.utf8))
        }
        let lock = try make()
        #expect((lock != nil) == isHad)
        guard isHad else { return }
        #expect(try folder.names == ["lock", "lock.held"])
    }

    /// No more than one at a time, independent of what the others saw before.
    @Test func `of many that find one abandoned, one gets it`() async throws {
        let gone = try await Self.markOfGone()
        for number in 0..<50 {
            try folder.write(".bursar-\(gone)-\(number)", to: "lock.held")
            let winners = try await withThrowingTaskGroup(of: LockFile?.self) { group in
                for _ in 0..<16 { group.addTask { try make() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }.compactMap { $0 }
            #expect(winners.count <= 1)
            for winner in winners { winner.remove() }
            try SystemCalls.remove(LockFile.path(for: path))
        }
        #expect(try folder.names == ["lock"])
    }

    @Test func `a lock that another has made meanwhile stays`() throws {
        let first = try #require(try make())
        try folder.write("another's", to: "lock.held")
        first.remove()
        #expect(folder.text("lock.held") == "another's")
    }

    @Test(arguments: ["", "1", "a-b", "a-b-c", "-1-1-1", "zzzzzzzzzz-1-1-x", "1-0-1-x", "1--1-1-x", "1-zzzzzzzz-1-x"])
    func `what is no mark isn't taken for one`(text: String) {
        #expect((ProcessMark(at: text) == nil) == (text != "a-b-c"))
    }

    @Test func `a mark says of its process whether it runs, and of another machine's nothing`() async throws {
        #expect(ProcessMark(at: own + "-abc") == ProcessMark.current())
        #expect(ProcessMark.current().isAlive == true)
        #expect(ProcessMark(at: try await Self.markOfGone())?.isAlive == false)
        #expect(ProcessMark(at: Self.changed(own, start: "1"))?.isAlive == false)
        #expect(ProcessMark(at: Self.changed(own, machine: "zz"))?.isAlive == .some(nil))
    }

    @Test func `an unfinished file lives as long as its process, and a day where that can't be told`() async throws {
        let gone = try await Self.markOfGone()
        let elsewhere = Self.changed(own, machine: "zz")
        let names = [own, gone, elsewhere].map { ".bursar-\($0)-x" } + [".bursar-\(gone)-x-wal"]
        for name in names { try folder.write("", to: name) }
        let now = Date()
        AbandonedFiles.remove(from: folder.path, at: now)
        #expect(try folder.names == ["lock", names[0], names[2]])
        AbandonedFiles.remove(from: folder.path, at: now + 86_000)
        #expect(try folder.names.count == 3)
        #expect(AbandonedFiles.find(in: folder.path, at: now + 90_000) == [folder.path.appending(names[2])])
        AbandonedFiles.remove(from: folder.path, at: now + 90_000)
        #expect(try folder.names == ["lock", names[0]])
    }

    /// A mark with the number of a process that has ended.
    private static func markOfGone() async throws -> String {
        let number = try await Program("/bin/sh").run(["-c", "printf %d $$"]).output
        let processID = try #require(Int(number))
        return changed(ProcessMark.current().description, processID: String(processID, radix: 36))
    }

    private static func changed(
        _ mark: String,
        machine: String? = nil,
        processID: String? = nil,
        start: String? = nil
    ) -> String {
        let parts = mark.split(separator: "-").map(String.init)
        return [machine ?? parts[0], processID ?? parts[1], start ?? parts[2]].joined(separator: "-")
    }
}
