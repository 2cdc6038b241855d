extension Usage {
    /// Several keys added up.
    package struct Group: Sendable, Equatable {
        /// The researcher; of a project, any of its researchers; nil for ids that no key has.
        package let person: Person?
        /// With any use.
        package var researchers = 0
        /// That were vended to.
        package var keys = 0
        package var tally = UsageTally()
    }

    /// Everybody in the scope, busiest first, and what belongs to nobody.
    package var researchers: [Group] {
        groups(where: \.handle)
    }

    package var projects: [Group] {
        groups(where: \.project)
    }

    /// All of it added up.
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
