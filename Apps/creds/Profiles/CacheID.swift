import BursarCore

/// The random name of a profile's cache: 22 digits of base62.
struct CacheID: Hashable, Sendable, CustomStringConvertible {
    static let length = 22
    let description: String

    init?(_ text: String) {
        guard text.utf8.count == Self.length, Base62.isValid(text) else { return nil }
        description = text
    }

    init(using generator: inout some RandomNumberGenerator) {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        description = Base62.encode(bytes, length: Self.length)
    }
}

/// As a plain string; what isn't an id names no file.
extension CacheID: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a cache id")
        }
        self = id
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
