#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A hash table that numbers texts in the order in which they are first seen.
///
/// It reads a column's bytes in the engine's memory, so that a million rows are grouped without a `String` for each.
struct TextIndex {
    /// All texts, concatenated.
    private var bytes: [UInt8] = []
    private var ends = [0]
    private var hashes: [UInt64] = []
    /// Open addressing: the number plus 1, or 0; never more than half full.
    private var table = [Int32](repeating: 0, count: 64)

    var count: Int { hashes.count }

    subscript(_ number: Int) -> String {
        String(decoding: bytes[ends[number]..<ends[number + 1]], as: UTF8.self)
    }

    /// Returns the text's number, a new one if it wasn't seen before.
    mutating func number(of text: UnsafeRawBufferPointer) -> Int {
        if let known = find(text) { return known }
        let hash = Self.hash(text)
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != 0 { place = (place + 1) & mask }
        hashes.append(hash)
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        table[place] = Int32(hashes.count)
        if hashes.count * 2 > table.count { grow() }
        return hashes.count - 1
    }

    /// Returns the text's number; nil if it wasn't seen.
    private func find(_ text: UnsafeRawBufferPointer) -> Int? {
        let hash = Self.hash(text)
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != 0 {
            let number = Int(table[place]) - 1
            if hashes[number] == hash, holds(text, at: number) { return number }
            place = (place + 1) & mask
        }
        return nil
    }

    private func holds(_ text: UnsafeRawBufferPointer, at number: Int) -> Bool {
        let (start, end) = (ends[number], ends[number + 1])
        guard end - start == text.count else { return false }
        guard let other = text.baseAddress, !text.isEmpty else { return true }
        return bytes.withUnsafeBytes { known in
            known.baseAddress.map { memcmp($0 + start, other, text.count) == 0 } ?? false
        }
    }

    private mutating func grow() {
        table = [Int32](repeating: 0, count: table.count * 2)
        let mask = table.count - 1
        for (number, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while table[place] != 0 { place = (place + 1) & mask }
            table[place] = Int32(number + 1)
        }
    }

    /// FNV-1a by words of eight bytes, mixed at the end.
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var place = 0
        while place + 8 <= text.count {
            hash = (hash ^ text.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            place += 8
        }
        while place < text.count {
            hash = (hash ^ UInt64(text[place])) &* 0x0000_0100_0000_01B3
            place += 1
        }
        return hash ^ (hash >> 29)
    }
}
