import Crypto

/// The key that a record of a call is known again by, however often it is delivered.
///
/// The hour goes first, so that a table in its order grows at its end: with a random key alone, inserts slow down as soon
/// as the table outgrows the cache. A record that is delivered again has the same time, so the pair is as unique as the
/// request id.
package struct CallKey: Hashable, Sendable, Comparable {
    /// Hours since 1970.
    package let hour: Int64
    /// The first half of the SHA-256 over account, region and request id, each after its length.
    package let digest: [UInt8]

    package static let digestLength = 16

    package init(_ call: LoggedCall) {
        hour = call.hour
        var hash = SHA256()
        for field in [call.account, call.region, call.requestID] {
            var field = field
            field.withUTF8 { bytes in
                withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
                hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        digest = Array(hash.finalize().prefix(Self.digestLength))
    }

    package static func < (one: Self, other: Self) -> Bool {
        one.hour != other.hour ? one.hour < other.hour : one.digest.lexicographicallyPrecedes(other.digest)
    }
}
