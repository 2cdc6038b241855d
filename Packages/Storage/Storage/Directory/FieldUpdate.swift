/// What becomes of a value that may be absent.
package enum FieldUpdate<Value: Sendable & Equatable>: Sendable, Equatable {
    case keep
    case set(Value)
    case clear

    /// nil leaves the value as it is.
    package init(_ value: Value?) {
        self = value.map { .set($0) } ?? .keep
    }

    package func applied(to value: Value?) -> Value? {
        switch self {
        case .keep: value
        case .set(let new): new
        case .clear: nil
        }
    }
}
