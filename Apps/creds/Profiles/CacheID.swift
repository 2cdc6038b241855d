import BursarModel

/// The random name of a profile's cache: 22 digits of base62.
struct CacheID: Hashable, Sendable, CustomStringConvertible {
    static let length = 22
    let description: String

    init?(_ text: String) {
        guard text.utf8.count == Self.length, Base62.isValid(Array(text.utf8)[...]) else { return nil }
        description = text
    }

    init(using generator: inout some RandomNumberGenerator) {
        description = Base62.random(length: Self.length, using: &generator)
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
