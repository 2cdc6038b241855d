import Storage
import Synchronization
import TestSupport
import Vending

@testable import PostgresStore

/// A server that vends again and again, and notes which vends were acknowledged.
final class BusyServer: Sendable {
    let recorder: Recorder
    private let vend: Vend
    private let name: String
    private let state = Mutex((acknowledged: Set<String>(), errors: [AuditLogError](), next: 0))

    init(_ recorder: Recorder, _ vend: Vend, named name: String) {
        self.recorder = recorder
        self.vend = vend
        self.name = name
    }

    convenience init(_ store: Store, _ vend: Vend, named name: String) {
        self.init(Recorder(database: store.database, now: { PostgresWorld.now }), vend, named: name)
    }

    var acknowledged: Set<String> { state.withLock { $0.acknowledged } }
    var errors: [AuditLogError] { state.withLock { $0.errors } }

    /// Vends once.
    func vendOnce() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let request = "\(name) \(number)"
        do throws(AuditLogError) {
            try await recorder.record(vend.with(requestID: request))
            state.withLock { _ = $0.acknowledged.insert(request) }
        } catch {
            state.withLock { $0.errors.append(error) }
        }
    }

    /// Vends until the task ends, `width` at a time; unless `isPatient`, each is given up after the recorder's limit.
    func vend(_ width: Int = 4, isPatient: Bool = false) async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<width {
                group.addTask {
                    while !Task.isCancelled {
                        await self.vendOnce()
                        // Where the database is away, the others have their turn.
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    if !isPatient { self.recorder.expire() }
                    self.recorder.probeIfFailing()
                    try? await Task.sleep(for: .milliseconds(50))
                }
            }
        }
    }

    /// Waits for `count` vends that are acknowledged from now on.
    func waitForVends(_ count: Int) async throws {
        let goal = acknowledged.count + count
        try await Waiting.until("\(goal) vends of \(name)") { acknowledged.count >= goal }
    }
}

extension Vend {
    /// The same vend for another request, or with another quota.
    func with(requestID: String? = nil, dailyLimit: Int? = nil) -> Vend {
        Vend(
            key: key,
            revision: revision,
            dailyLimit: dailyLimit ?? self.dailyLimit,
            address: address,
            accessKeyID: accessKeyID,
            expiration: expiration,
            requestID: requestID ?? self.requestID
        )
    }
}
