/// A value that doesn't print.
///
/// Description, reflection, `dump` and string interpolation all show `<redacted>`, so a secret that is logged or
/// interpolated by mistake stays unseen. ``reveal()`` is the only way out: a search for it is the audit.
public struct Secret<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps `value` from the moment it is decoded.
    public init(_ value: Value) {
        self.value = value
    }

    /// The secret itself, for the one place that must send, hash or print it.
    public func reveal() -> Value {
        value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable where Value: Sequence, Value.Element: Equatable {
    /// Compares every element, whatever the first difference, so that timing says only the lengths.
    public static func == (left: Self, right: Self) -> Bool {
        let left = Array(left.value)
        let right = Array(right.value)
        guard left.count == right.count else { return false }
        var differences = 0
        for index in left.indices where left[index] != right[index] {
            differences += 1
        }
        return differences == 0
    }
}

extension Secret: Decodable where Value: Decodable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Value.self))
    }
}
