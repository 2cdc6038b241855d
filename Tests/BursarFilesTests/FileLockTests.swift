import BursarFiles
import SystemPackage
import TestSupport
import Testing

struct FileLockTests {
    let folder = try? TemporaryFolder()

    @Test func `one holds it, and the next gets it when the first lets go`() throws {
        let path = try #require(folder).path.appending("lock")
        guard let first = try FileLock.tryAcquire(path) else {
            Issue.record("a free lock could not be had")
            return
        }
        let second = try FileLock.tryAcquire(path) != nil
        #expect(!second)
        first.release()
        let third = try FileLock.tryAcquire(path) != nil
        #expect(third)
    }

    @Test func `waiting ends at the deadline`() async throws {
        let path = try #require(folder).path.appending("lock")
        guard let first = try FileLock.tryAcquire(path) else {
            Issue.record("a free lock could not be had")
            return
        }
        let waited = try await FileLock.acquire(path, before: .now) != nil
        #expect(!waited)
        first.release()
    }

    @Test func `a waiter gets the lock once it is free`() async throws {
        let path = try #require(folder).path.appending("lock")
        guard let first = try FileLock.tryAcquire(path) else {
            Issue.record("a free lock could not be had")
            return
        }
        async let waited = Self.acquires(path)
        first.release()
        #expect(try await waited)
    }

    @Test func `a lock in a folder that isn't there is an error`() throws {
        let path = try #require(folder).path.appending("none/lock")
        #expect(throws: FileError(path, .missing)) { _ = try FileLock.tryAcquire(path) != nil }
    }

    private static func acquires(_ path: FilePath) async throws -> Bool {
        try await FileLock.acquire(path, before: .now.advanced(by: Waiting.limit)) != nil
    }
}
