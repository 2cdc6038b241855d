import BursarFoundation
import BursarModel
import Crypto
import Synchronization

/// A cache of keys that proved right, so that argon2 runs once per key and not once per request.
///
/// An entry holds HMAC(per-process random, key) and the key's row, never the key. It stays until the row changes or it
/// is the least recently used of `capacity`.
final class VerifiedKeys: Sendable {
    typealias Tag = HMAC<SHA256>.MAC

    private struct Entry {
        let tag: Tag
        let record: KeyRecord
        var lastUse: UInt64
    }

    private struct State {
        var entries: [KeyID: Entry] = [:]
        var uses: UInt64 = 0
        var revision: Int64 = .min
    }

    private let capacity: Int
    /// Keyed with a per-process random; copied for each key, which is cheaper than keying it again.
    private let hash = HMAC<SHA256>(key: SymmetricKey(size: .bits256))
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Returns the row of a remembered key, and the revision at which it was last known to be current.
    func record(of key: ResearcherKey, _ tag: Tag) -> (record: KeyRecord, revision: Int64)? {
        state.withLock { state in
            guard var entry = state.entries[key.id], entry.tag == tag else { return nil }
            state.uses += 1
            entry.lastUse = state.uses
            state.entries[key.id] = entry
            return (entry.record, state.revision)
        }
    }

    /// Remembers a proved key, unless the directory has changed since its row was read at `revision`.
    func remember(_ tag: Tag, as record: KeyRecord, readAt revision: Int64) {
        state.withLock { state in
            guard revision >= state.revision else { return }
            if state.entries.count >= capacity, state.entries[record.id] == nil,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
            }
            state.uses += 1
            state.entries[record.id] = Entry(tag: tag, record: record, lastUse: state.uses)
        }
    }

    /// Forgets `keys`, whose rows have changed up to `revision`.
    func forget(_ keys: [KeyID], revision: Int64) {
        state.withLock { state in
            for key in keys { state.entries[key] = nil }
            state.revision = max(state.revision, revision)
        }
    }

    /// The tag of a key, from which the key can't be derived.
    func tag(of key: ResearcherKey) -> Tag {
        var hash = hash
        var text = key.text.reveal()
        text.withUTF8 { hash.update(data: UnsafeRawBufferPointer($0)) }
        return hash.finalize()
    }
}
