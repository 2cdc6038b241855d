import BursarModel

/// Tells whether bytes are those that were seen before, without keeping them.
struct Fingerprint: Codable, Equatable, Sendable {
    let count: Int
    private let checksum: UInt32

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        checksum = CRC32.checksum(bytes)
    }
}
