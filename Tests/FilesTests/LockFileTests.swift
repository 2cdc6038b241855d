import SystemPackage
import TestSupport
import Testing

@testable import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The lock of file systems that have none, and how it tells who made it.
struct LockFileTests {
    private let folder: TemporaryFolder
    private let path: FilePath
    private let clock: FileDescriptor
    private let own = ProcessMark.current().description

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.file("lock")
        clock = try FileDescriptor.open(path, .readWrite)
    }

    private func make() throws -> LockFile? { try LockFile.make(for: path, clock: clock) }

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
            _ = try folder.file("lock.held", ".bursar-\(mark)-x")
            let lock = try #require(try make())
            #expect(try folder.names == ["lock", "lock.held"])
            lock.remove()
        }
    }

    @Test(arguments: [(0, false), (14, false), (17, true), (3600, true)])
    func `another machine's is cleared away when nothing of ours takes that long`(age: Int, isCleared: Bool) throws {
        let held = try folder.file("lock.held", ".bursar-\(Self.changed(own, machine: "zz"))-x")
        let attributes = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: TimeInterval(-age))]
        try FileManager.default.setAttributes(attributes, ofItemAtPath: held.string)
        #expect(try (make() != nil) == isCleared)
        #expect(try folder.names == ["lock", "lock.held"])
    }

    @Test func `a lock that another has made meanwhile stays`() throws {
        let first = try #require(try make())
        _ = try folder.file("lock.held", "another's")
        first.remove()
        #expect(try folder.text("lock.held") == "another's")
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
        for name in names { _ = try folder.file(name) }
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
