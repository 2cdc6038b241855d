import BursarModel
import Logging
import Synchronization
import Vending

/// The log's lines about refusals: the first few of a kind in full, the others summed up in one line every ten seconds.
///
/// A client without a key may be refused ten thousand times a second. A line for each would push everything else out of
/// the log: the heads of the chain, which `admin audit verify --anchor` relies on, and the use of a canary.
final class RefusalLog: Sendable {
    /// The group of refusals that are summed up together: a code, and the key if its secret was verified.
    ///
    /// There are no more kinds than codes and keys in the database: an unverified id is ignored.
    private struct Kind: Hashable {
        let code: ErrorCode
        let key: KeyID?
        let isCanary: Bool

        init(_ refusal: VendError) {
            code = refusal.code
            key = refusal.subject.holder?.key
            isCanary = refusal.subject.isCanary
        }

        var level: Logger.Level { isCanary || code.status >= 500 ? .error : .info }
    }

    /// The number of full lines for each kind until the next summary.
    private static let inFull = 5

    private let logger: Logger
    private let counts = Mutex<[Kind: Int]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    /// Logs `refusal` with the fields of `request`, or counts it if its kind has had enough lines.
    func note(_ refusal: VendError, from address: IPAddress?, request: Logger) {
        let kind = Kind(refusal)
        let count = counts.withLock { counts in
            counts[kind, default: 0] += 1
            return counts[kind, default: 0]
        }
        guard count <= Self.inFull else { return }
        request.log(
            level: kind.level,
            kind.isCanary ? "canary used" : "refused",
            metadata: [
                "error": "\(refusal.code.rawValue)",
                "key": "\(refusal.keyID?.description ?? "-")",
                "address": "\(address?.description ?? "-")",
                "cause": "\(refusal.cause)",
            ]
        )
    }

    /// Logs the number of counted refusals, and starts over.
    func sumUp() {
        let counts = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        for (kind, count) in counts where count > Self.inFull {
            logger.log(
                level: kind.level,
                kind.isCanary ? "canary used again" : "refused again",
                metadata: [
                    "error": "\(kind.code.rawValue)",
                    "key": "\(kind.key?.description ?? "-")",
                    "times": "\(count - Self.inFull)",
                ]
            )
        }
    }
}
