import AWSTestSupport
import BursarFoundation
import BursarModel
import Synchronization
import TestSupport
import Testing

@testable import AWSAuth

/// A source whose answers a test gives when it likes.
private final class Source: CredentialProvider, Sendable {
    private struct State {
        var asked = 0
        var waiting: [CheckedContinuation<AWSCredentials, any Error>] = []
        var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var asked: Int { state.withLock(\.asked) }

    func credentials() async throws -> AWSCredentials {
        try await withCheckedThrowingContinuation { continuation in
            let ready = state.withLock { state in
                state.asked += 1
                state.waiting.append(continuation)
                let asked = state.asked
                let ready = state.watchers.filter { $0.count <= asked }
                state.watchers.removeAll { $0.count <= asked }
                return ready
            }
            for watcher in ready { watcher.1.resume() }
        }
    }

    /// Returns once it has been asked `count` times.
    func isAsked(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.asked >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    func answer(_ result: Result<AWSCredentials, any Error>) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}

struct RefreshingCredentialsTests {
    struct Failure: Error {}

    private let source = Source()
    private let clock = Clock()

    final class Clock: Sendable {
        private let date = Mutex(Recorded.date)
        var now: Date { date.withLock { $0 } }
        func pass(_ seconds: TimeInterval) { date.withLock { $0.addTimeInterval(seconds) } }
    }

    private func refreshing(chance: Double = 0) -> RefreshingCredentials {
        let clock = clock
        return RefreshingCredentials(source, clientContext: Recorded().clientContext(chance: chance) { clock.now })
    }

    private func credentials(_ name: String, life: TimeInterval?) -> AWSCredentials {
        AWSCredentials(
            accessKeyID: name,
            secretAccessKey: Secret("secret"),
            expiration: life.map { clock.now.addingTimeInterval($0) }
        )
    }

    /// Asks, and answers the source with credentials of the given life.
    private func filled(_ refreshing: RefreshingCredentials, life: TimeInterval?) async throws {
        async let first = refreshing.credentials()
        await source.isAsked(1)
        source.answer(.success(credentials("first", life: life)))
        _ = try await first
    }

    @Test func `any number of callers make one refresh`() async throws {
        let refreshing = refreshing()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await refreshing.credentials().accessKeyID } }
            await source.isAsked(1)
            source.answer(.success(credentials("first", life: 3600)))
            for try await name in group { #expect(name == "first") }
        }
        #expect(source.asked == 1)
    }

    @Test func `credentials with time left aren't refreshed`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 3600)
        clock.pass(3600 - 901)
        #expect(try await refreshing.credentials().accessKeyID == "first")
        #expect(source.asked == 1)
    }

    @Test func `credentials that don't end are never refreshed`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: nil)
        clock.pass(1_000_000)
        #expect(try await refreshing.credentials().accessKeyID == "first")
        #expect(source.asked == 1)
    }

    @Test func `in the advisory time the held ones are given while one refresh runs`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 3600)
        clock.pass(3600 - 899)
        #expect(try await refreshing.credentials().accessKeyID == "first")
        #expect(try await refreshing.credentials().accessKeyID == "first")
        await source.isAsked(2)
        source.answer(.success(credentials("second", life: 3600)))
        try await Waiting.until("the refreshed credentials") {
            try await refreshing.credentials().accessKeyID == "second"
        }
        #expect(source.asked == 2)
    }

    @Test func `the advisory time begins later by chance`() async throws {
        let refreshing = refreshing(chance: 0.5)
        try await filled(refreshing, life: 3600)
        clock.pass(3600 - 751)
        _ = try await refreshing.credentials()
        await Task.yield()
        #expect(source.asked == 1)
        clock.pass(2)
        _ = try await refreshing.credentials()
        await source.isAsked(2)
        source.answer(.failure(Failure()))
    }

    @Test func `in the mandatory time callers wait for the new ones`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 3600)
        clock.pass(3600 - 599)
        async let next = refreshing.credentials()
        await source.isAsked(2)
        source.answer(.success(credentials("second", life: 3600)))
        #expect(try await next.accessKeyID == "second")
    }

    @Test func `a failure leaves the held ones in use, and is tried again after 30 seconds`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 3600)
        clock.pass(3600 - 599)
        async let next = refreshing.credentials()
        await source.isAsked(2)
        source.answer(.failure(Failure()))
        #expect(try await next.accessKeyID == "first")
        clock.pass(29)
        #expect(try await refreshing.credentials().accessKeyID == "first")
        #expect(source.asked == 2)
        clock.pass(2)
        async let later = refreshing.credentials()
        await source.isAsked(3)
        source.answer(.success(credentials("second", life: 3600)))
        #expect(try await later.accessKeyID == "second")
    }

    @Test func `a source whose credentials never live long is asked every 30 seconds, not every time`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 300)
        clock.pass(29)
        #expect(try await refreshing.credentials().accessKeyID == "first")
        #expect(source.asked == 1)
        clock.pass(2)
        async let next = refreshing.credentials()
        await source.isAsked(2)
        source.answer(.success(credentials("second", life: 300)))
        #expect(try await next.accessKeyID == "second")
        #expect(try await refreshing.credentials().accessKeyID == "second")
        #expect(source.asked == 2)
    }

    @Test func `once the held ones have ended a failure is the answer, and isn't remembered`() async throws {
        let refreshing = refreshing()
        try await filled(refreshing, life: 3600)
        clock.pass(3601)
        let next = Task { try await refreshing.credentials() }
        await source.isAsked(2)
        source.answer(.failure(Failure()))
        await #expect(throws: Failure.self) { try await next.value }
        async let later = refreshing.credentials()
        await source.isAsked(3)
        source.answer(.success(credentials("second", life: 3600)))
        #expect(try await later.accessKeyID == "second")
    }

    @Test func `a source that gives ended credentials is an error`() async throws {
        let refreshing = refreshing()
        let first = Task { try await refreshing.credentials() }
        await source.isAsked(1)
        source.answer(.success(credentials("first", life: -1)))
        await #expect(throws: CredentialError.self) { try await first.value }
    }

    @Test func `a caller that leaves doesn't take the refresh along`() async throws {
        let refreshing = refreshing()
        let leaving = Task { try await refreshing.credentials() }
        await source.isAsked(1)
        async let staying = refreshing.credentials()
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        source.answer(.success(credentials("first", life: 3600)))
        #expect(try await staying.accessKeyID == "first")
        #expect(source.asked == 1)
    }
}
