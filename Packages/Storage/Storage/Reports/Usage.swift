package import BursarFoundation

/// What was counted: vends, refusals, and when the last vend was.
package struct UsageTally: Sendable, Equatable {
    package private(set) var vends = 0
    package private(set) var refusals = 0
    /// UTC milliseconds; 0 when there was no vend.
    private var lastVendMilliseconds: Int64 = 0

    /// nil when nothing was vended.
    package var lastVend: Date? {
        lastVendMilliseconds == 0 ? nil : Date(milliseconds: lastVendMilliseconds)
    }

    package var isEmpty: Bool { vends == 0 && refusals == 0 }

    mutating func add(_ count: Int64, isVend: Bool, last: Int64) {
        if isVend {
            vends += Int(count)
            lastVendMilliseconds = max(lastVendMilliseconds, last)
        } else {
            refusals += Int(count)
        }
    }

    package mutating func add(_ other: Self) {
        vends += other.vends
        refusals += other.refusals
        lastVendMilliseconds = max(lastVendMilliseconds, other.lastVendMilliseconds)
    }

    func without(refusals count: Int) -> Self {
        var rest = self
        rest.refusals -= count
        return rest
    }

    /// Busiest first.
    func precedes(_ other: Self) -> Bool? {
        if vends != other.vends { return vends > other.vends }
        if refusals != other.refusals { return refusals > other.refusals }
        return nil
    }
}

/// A report: whatever parts of it were asked for, all of one moment.
package struct Usage: Sendable {
    /// Which parts are read; the others stay empty.
    package struct Parts: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// Keys, and with them researchers and projects.
        package static let keys = Self(rawValue: 1)
        package static let spans = Self(rawValue: 2)
        package static let outcomes = Self(rawValue: 4)
        package static let networks = Self(rawValue: 8)
    }

    package struct Person: Sendable, Equatable {
        package let handle: String
        package let name: String
        package let project: String
    }

    package struct Key: Sendable, Equatable {
        package let id: String
        package let label: String?
        package let person: Person
        package let isCanary: Bool
        package var tally = UsageTally()
        /// Refusals of the tally that were the use of a canary: somebody's who has what nobody should.
        package var canaryUses = 0

        /// What counts for the researcher.
        var ownersTally: UsageTally { tally.without(refusals: canaryUses) }
    }

    /// A day, week or month; of the first and the last only what lies in the range counts.
    package struct Span: Sendable, Equatable {
        package let name: String
        package var tally = UsageTally()
    }

    package struct Outcome: Sendable, Equatable {
        /// `vended`, or the code of the refusal.
        package let outcome: String
        package var count: Int
        package var last: Date

        package var isVend: Bool { outcome == UsageCounter.vended }
    }

    package struct Network: Sendable, Equatable {
        /// A block, or `other`.
        package let network: String
        package var keys = 0
        package var tally = UsageTally()
    }

    /// Everybody in the scope, whether they used it or not.
    package var people: [Person] = []
    /// Keys of people in the scope without canaries, whether they were used or not.
    package var keyCount = 0
    /// Keys with any use, busiest first.
    package var keys: [Key] = []
    /// Refusals of ids that no key has.
    package var unknown = UsageTally()
    /// In their order, without uses of canaries; all that the range holds where it isn't too long for that.
    package var spans: [Span] = []
    /// Most frequent first.
    package var outcomes: [Outcome] = []
    /// Busiest first.
    package var networks: [Network] = []
}
