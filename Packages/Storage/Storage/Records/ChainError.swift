/// Where the chain of records doesn't hold, and how.
package struct ChainError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The record isn't there, though later ones are.
        case missing
        /// Its content isn't what its hash was made of, or the record before it was replaced.
        case altered
        /// It holds what the hash of its format doesn't cover.
        case unhashed
        /// It and all before it are gone, and no action that is left says that they were pruned.
        case removed
        /// It is of a format that this version doesn't know, or lacks what every record has.
        case unreadable
    }

    /// The first record that is bad.
    package let sequence: Int64
    package let kind: Kind
}

/// Which records a check of the chain read.
package struct CheckedChain: Sendable, Equatable {
    /// The last record that was pruned, 0 when none was: the chain is checked from the next one on.
    package let pruned: Int64
    /// The last record.
    package let last: Int64
    /// The hash of the last, as 64 hexadecimal digits.
    package let head: String
    package let fault: ChainError?

    /// How many records are left to check.
    package var count: Int64 { last - pruned }
}
