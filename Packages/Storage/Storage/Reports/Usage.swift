package import BursarFoundation
import BursarModel
import Vending

/// The number of vends and refusals, and the time of the last vend.
package struct UsageTally: Sendable, Equatable {
    package private(set) var vends = 0
    package private(set) var refusals = 0
    /// UTC milliseconds; 0 if there was no vend.
    private var lastVendMilliseconds: Int64 = 0

    /// nil if nothing was vended.
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

    /// Compares by vends, then by refusals, busiest first; nil if both are equal.
    func precedes(_ other: Self) -> Bool? {
        if vends != other.vends { return vends > other.vends }
        if refusals != other.refusals { return refusals > other.refusals }
        return nil
    }
}

/// A usage report with the requested parts, all of one moment.
package struct Usage: Sendable {
    /// The parts to read; the others stay empty.
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
        /// Refusals of the tally that were uses of a canary, by a thief and not by the researcher.
        package var canaryUses = 0

        /// The tally that counts for the researcher.
        var ownersTally: UsageTally { tally.without(refusals: canaryUses) }
    }

    /// A day, week or month; the first and the last are cut to the report's range.
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

    /// All researchers in the scope, with and without use.
    package var people: [Person] = []
    /// The number of keys in the scope, used or not, without canaries.
    package var keyCount = 0
    /// Keys with any use, busiest first.
    package var keys: [Key] = []
    /// Refusals of ids that belong to no key.
    package var unknown = UsageTally()
    /// In their order, without uses of canaries; every span of the range unless that is too long.
    package var spans: [Span] = []
    /// Most frequent first.
    package var outcomes: [Outcome] = []
    /// Busiest first.
    package var networks: [Network] = []
}

extension Usage {
    /// Several keys added up.
    package struct Group: Sendable, Equatable {
        /// The researcher, or any researcher of a project; nil for ids that belong to no key.
        package let person: Person?
        /// The number of researchers with any use.
        package var researchers = 0
        /// The number of keys with a vend.
        package var keys = 0
        package var tally = UsageTally()
    }

    /// All researchers in the scope, busiest first, then the use of unknown ids.
    package var researchers: [Group] {
        groups(where: \.handle)
    }

    package var projects: [Group] {
        groups(where: \.project)
    }

    /// The sum of all groups.
    package var total: Group {
        let groups = researchers
        var total = Group(person: nil)
        for group in groups {
            total.tally.add(group.tally)
            total.keys += group.keys
            total.researchers += group.researchers
        }
        return total
    }

    private func groups(where name: KeyPath<Person, String>) -> [Group] {
        var groups: [String: Group] = [:]
        for person in people where groups[person[keyPath: name]] == nil {
            groups[person[keyPath: name]] = Group(person: person)
        }
        var seen: Set<String> = []
        for key in keys {
            let isNew = !key.ownersTally.isEmpty && seen.insert(key.person.handle).inserted
            groups[key.person[keyPath: name], default: Group(person: key.person)].add(key, isNew: isNew)
        }
        var sorted = groups.sorted { left, right in
            left.value.tally.precedes(right.value.tally) ?? (left.key < right.key)
        }.map(\.value)
        if !unknown.isEmpty { sorted.append(Group(person: nil, tally: unknown)) }
        return sorted
    }
}

extension Usage.Group {
    fileprivate mutating func add(_ key: Usage.Key, isNew: Bool) {
        tally.add(key.ownersTally)
        if key.tally.vends > 0 { keys += 1 }
        if isNew { researchers += 1 }
    }
}

extension UsageReports {
    /// Reads vends and refusals in `scope`, all of the same moment; `span` is the step of the time line.
    package func usage(_ scope: UsageScope, _ parts: Usage.Parts, by span: UsageSpan = .day) throws -> Usage {
        try database.read { db in try UsageReader(db, scope).read(parts, span: span) }
    }
}
