import BursarFoundation
import BursarModel
import Dispatch
import StorageTestSupport
import Synchronization
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

@Suite struct RecorderFaultTests {
    private let place = TemporaryStore()

    /// The first commit finds the file gone; by the next it is back, and what was written in between is unknown.
    @Test func `after a commit that failed in the system, those who already wait aren't recorded either`() async throws
    {
        let store = try place.file()
        try store.addAda()
        let vend = try await store.vend(try store.issueKey())
        let path = place.path
        let (commits, asked) = (Counter(), Counter())
        let all = DispatchSemaphore(value: 0)
        let recorder = Recorder(database: store.database) {
            if commits.next() == 1 {
                all.wait()
                try? FileManager.default.moveItem(atPath: path, toPath: path + ".away")
            } else {
                try? FileManager.default.moveItem(atPath: path + ".away", toPath: path)
            }
            return TemporaryStore.now
        }
        let recorded = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<600 {
                group.addTask {
                    if asked.next() == 600 { all.signal() }
                    return (try? await recorder.record(vend)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(recorded == 0)
        #expect(recorder.progress.vends == 0)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
