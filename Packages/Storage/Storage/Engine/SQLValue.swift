package import BursarFoundation
package import BursarModel

/// A column's value or a statement's argument, of the types that both engines store.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A type that a column's value is read as, and that a statement takes as an argument.
package protocol SQLConvertible {
    var sqlValue: SQLValue { get }

    /// Returns nil if the value is of another type, or out of range.
    static func from(_ value: SQLValue) -> Self?
}

extension Int64: SQLConvertible {
    package var sqlValue: SQLValue { .integer(self) }

    package static func from(_ value: SQLValue) -> Int64? {
        if case .integer(let number) = value { number } else { nil }
    }
}

extension Int: SQLConvertible {
    package var sqlValue: SQLValue { .integer(Int64(self)) }

    package static func from(_ value: SQLValue) -> Int? {
        Int64.from(value).flatMap { Int(exactly: $0) }
    }
}

/// 0 or 1.
extension Bool: SQLConvertible {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }

    package static func from(_ value: SQLValue) -> Bool? {
        Int64.from(value).map { $0 != 0 }
    }
}

extension String: SQLConvertible {
    package var sqlValue: SQLValue { .text(self) }

    package static func from(_ value: SQLValue) -> String? {
        if case .text(let text) = value { text } else { nil }
    }
}

extension [UInt8]: SQLConvertible {
    package var sqlValue: SQLValue { .blob(self) }

    package static func from(_ value: SQLValue) -> [UInt8]? {
        if case .blob(let bytes) = value { bytes } else { nil }
    }
}

/// UTC milliseconds since 1970, the form of all times in the database and in the chain.
extension Date: SQLConvertible {
    package var sqlValue: SQLValue { .integer(milliseconds) }

    package static func from(_ value: SQLValue) -> Date? {
        Int64.from(value).map(Date.init(milliseconds:))
    }

    package var milliseconds: Int64 {
        Int64((timeIntervalSince1970 * 1000).rounded(.down))
    }

    package init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

/// The handle as it is spelled.
extension Handle: SQLConvertible {
    package var sqlValue: SQLValue { .text(description) }

    package static func from(_ value: SQLValue) -> Handle? {
        String.from(value).flatMap { Handle($0) }
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }

    package static func from(_ value: SQLValue) -> Wrapped?? {
        if case .null = value { return .some(nil) }
        return Wrapped.from(value).map { .some($0) }
    }
}

extension SQLValue {
    package init(_ text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    package init(_ number: Int64?) {
        self = number.map { .integer($0) } ?? .null
    }
}

/// The arguments of a statement, in the order of its question marks: `[handle, date, nil as Int?]`.
package struct SQLArguments: Sendable, ExpressibleByArrayLiteral {
    package private(set) var values: [SQLValue]

    /// Arguments that are values already, for statements of many rows.
    package init(values: [SQLValue]) {
        self.values = values
    }

    package init(_ arguments: [any SQLConvertible]) {
        values = arguments.map(\.sqlValue)
    }

    package init(arrayLiteral arguments: any SQLConvertible...) {
        self.init(arguments)
    }

    package mutating func append(_ argument: any SQLConvertible) {
        values.append(argument.sqlValue)
    }

    package static func + (one: Self, other: Self) -> Self {
        Self(values: one.values + other.values)
    }

    package static func += (one: inout Self, other: Self) {
        one.values += other.values
    }
}
