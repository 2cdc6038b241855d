#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Date {
    /// UTC milliseconds since 1970: how times stand in the database and in the chain.
    var milliseconds: Int64 {
        Int64((timeIntervalSince1970 * 1000).rounded(.down))
    }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

/// A whole UTC day.
package struct UTCDay: Hashable, Sendable, Comparable {
    /// Days since 1970-01-01.
    package let number: Int64

    package init(number: Int64) {
        self.number = number
    }

    /// The day that holds a time in milliseconds.
    init(milliseconds: Int64) {
        let day: Int64 = 86_400_000
        number = milliseconds >= 0 ? milliseconds / day : (milliseconds - day + 1) / day
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
