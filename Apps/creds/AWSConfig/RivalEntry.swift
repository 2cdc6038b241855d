/// What in `~/.aws/credentials` would win over a profile of `~/.aws/config`.
struct RivalEntry: Equatable {
    let kind: Kind
    /// The lines that make it win, whole: its section when that says nothing else.
    let range: Range<Int>

    enum Kind: Equatable {
        /// A `credential_process` and nothing else that gets credentials: an older helper was installed there.
        case helper
        /// Keys or a role, of which this may be the only copy.
        case keys
    }

    /// nil when nothing there wins.
    init?(over name: ProfileName, in document: INIDocument) {
        let section = document.sections.first { section in
            section.header == name.description && !CredentialSource.options.isDisjoint(with: section.options.keys)
        }
        guard let section else { return nil }
        let sources = CredentialSource.options.intersection(section.options.keys)
        kind = sources == ["credential_process"] ? .helper : .keys
        let lines = section.ranges["credential_process"]
        range = section.options.count == 1 ? section.range : lines ?? section.range
    }
}
