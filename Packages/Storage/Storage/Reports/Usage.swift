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
        /// The project of their new keys.
        package let project: String
    }

    /// A key's use while it was of one project.
    package struct Key: Sendable, Equatable {
        package let id: String
        package let label: String?
        package let person: Person
        package let project: String
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
    /// All projects of keys and researchers in the scope, with and without use, in order.
    package var projectNames: [String] = []
    /// The number of keys in the scope, used or not, without canaries.
    package var keyCount = 0
    /// Keys with any use, busiest first; one that changed its project is there for each.
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
        /// The researcher; nil in a sum by project, and for ids that belong to no key.
        package let person: Person?
        /// The projects that the use counts for, in order; the one that is summed up, in a sum by project.
        package let projects: [String]
        /// The number of researchers with any use.
        package fileprivate(set) var researchers = 0
        /// The number of keys with a vend.
        package fileprivate(set) var keys = 0
        package fileprivate(set) var tally = UsageTally()
    }

    /// All researchers in the scope, busiest first, then the use of unknown ids.
    package var researchers: [Group] {
        let sums = sums(by: \.person.handle)
        let groups = people.map { person in
            Group(person: person, projects: sums[person.handle]?.projects.sorted() ?? [], sums[person.handle])
        }
        return sorted(groups) { $0.person?.handle ?? "" }
    }

    /// All projects in the scope, busiest first, then the use of unknown ids.
    package var projects: [Group] {
        let sums = sums(by: \.project)
        let groups = Set(projectNames).union(sums.keys).map { Group(person: nil, projects: [$0], sums[$0]) }
        return sorted(groups) { $0.projects.first ?? "" }
    }

    /// The sum of all groups.
    package var total: Group {
        let groups = researchers
        var total = Group(person: nil, projects: [], nil)
        for group in groups {
            total.tally.add(group.tally)
            total.keys += group.keys
            total.researchers += group.researchers
        }
        return total
    }

    /// The sum of a group's keys.
    fileprivate struct Sum {
        var tally = UsageTally()
        /// Keys with a vend.
        var keys: Set<String> = []
        /// Researchers with any use.
        var researchers: Set<String> = []
        var projects: Set<String> = []
    }

    private func sums(by name: KeyPath<Key, String>) -> [String: Sum] {
        var sums: [String: Sum] = [:]
        for key in keys {
            sums[key[keyPath: name], default: Sum()].add(key)
        }
        return sums
    }

    private func sorted(_ groups: [Group], by name: (Group) -> String) -> [Group] {
        let sorted = groups.sorted { left, right in left.tally.precedes(right.tally) ?? (name(left) < name(right)) }
        guard !unknown.isEmpty else { return sorted }
        var rest = Group(person: nil, projects: [], nil)
        rest.tally = unknown
        return sorted + [rest]
    }
}

extension Usage.Sum {
    fileprivate mutating func add(_ key: Usage.Key) {
        tally.add(key.ownersTally)
        if key.tally.vends > 0 { keys.insert(key.id) }
        guard !key.ownersTally.isEmpty else { return }
        researchers.insert(key.person.handle)
        projects.insert(key.project)
    }
}

extension Usage.Group {
    fileprivate init(person: Usage.Person?, projects: [String], _ sum: Usage.Sum?) {
        (self.person, self.projects) = (person, projects)
        guard let sum else { return }
        (researchers, keys, tally) = (sum.researchers.count, sum.keys.count, sum.tally)
    }
}

extension UsageReports {
    /// Reads vends and refusals in `scope`, all of the same moment; `span` is the step of the time line.
    package func usage(_ scope: UsageScope, _ parts: Usage.Parts, by span: UsageSpan = .day) throws -> Usage {
        try database.read { db in try UsageReader(db, scope).read(parts, span: span) }
    }
}
