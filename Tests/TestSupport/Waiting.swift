package import BursarFoundation
package import BursarHTTP
import Dispatch

/// Waiting in tests: for an event, however long a machine under load takes, and never for a time.
package enum Waiting {
    /// A safety net: longer than any wait takes that ends at all.
    package static let limit = Duration.seconds(600)

    /// A condition that didn't come to hold within ``limit``.
    package struct TimeoutError: Error {
        package let condition: String
    }

    /// Returns once `condition` holds, which `description` names for the error.
    ///
    /// It asks again and again, for conditions that nothing announces: a file, a process, another program's view.
    package static func until(_ description: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < end else { throw TimeoutError(condition: description) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Runs `body` with a longer limit each time until it returns true, and returns false when it never does.
    ///
    /// For a time limit that is under test: what a test does before the limit strikes takes longer under load than a
    /// short limit, and a long one would be waited for in every run.
    package static func withLongerLimits(_ body: (Duration) async throws -> Bool) async throws -> Bool {
        for seconds in [0.5, 2, 8, 32, 128] where try await body(.seconds(seconds)) { return true }
        return false
    }
}

/// Runs what blocks on a thread that may, off the tests' own.
package func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
    }
}

extension TransferLimits {
    /// Limits that a peer keeps on a machine under load: all but those that a test is about.
    package static func patient(
        connect: Duration = Waiting.limit,
        total: Duration = Waiting.limit,
        stall: Duration = Waiting.limit,
        body: Int = 1 << 20
    ) -> TransferLimits {
        TransferLimits(connect: connect, total: total, stall: stall, body: body)
    }
}

extension HTTPClientRequest {
    /// A request whose response is waited for within ``TransferLimits/patient(connect:total:stall:body:)``.
    package static func patient(
        _ method: Method = .get,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        limits: TransferLimits = .patient()
    ) -> HTTPClientRequest {
        HTTPClientRequest(method, url: url, headers: headers, body: body, limits: limits)
    }
}
