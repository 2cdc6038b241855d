import Crypto

/// The key that a record of a call is known again by, however often it is delivered.
///
/// The hour goes first, so that a table in its order grows at its end: with a random key alone, inserts slow down as soon
/// as the table outgrows the cache. A record that is delivered again has the same time, so the pair is as unique as the
/// request id.
package struct CallKey: Hashable, Sendable, Comparable {
    /// Hours since 1970.
    package let hour: Int64
    /// The first half of the SHA-256 over account, region and request id, each after its length, as two big-endian
    /// numbers: millions of keys are sorted and compared without an array for each.
    private let high: UInt64
    private let low: UInt64

    package static let digestLength = 16

    package init(_ call: LoggedCall) {
        let fields = [call.account, call.region, call.requestID]
        let count = fields.reduce(0) { $0 + 4 + $1.utf8.count }
        var hash = SHA256()
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { buffer in
            var end = 0
            for var field in fields {
                field.withUTF8 { bytes in
                    buffer.storeBytes(of: UInt32(bytes.count).bigEndian, toByteOffset: end, as: UInt32.self)
                    UnsafeMutableRawBufferPointer(rebasing: buffer[(end + 4)...]).copyBytes(from: bytes)
                    end += 4 + bytes.count
                }
            }
            hash.update(bufferPointer: UnsafeRawBufferPointer(buffer))
        }
        (high, low) = hash.finalize().withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        hour = call.hour
    }

    /// A key as it is stored; nil if the digest has another length.
    package init?(hour: Int64, digest: UnsafeRawBufferPointer) {
        guard digest.count == Self.digestLength else { return nil }
        self.hour = hour
        high = UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    package var digest: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    /// In the order of the hour and of the digest's bytes.
    package static func < (one: Self, other: Self) -> Bool {
        (one.hour, one.high, one.low) < (other.hour, other.high, other.low)
    }
}
