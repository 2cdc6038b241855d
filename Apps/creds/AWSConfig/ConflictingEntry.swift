import INIParser

/// An entry in `~/.aws/credentials` that takes precedence over a profile of `~/.aws/config`.
struct ConflictingEntry: Equatable {
    let kind: Kind
    /// The number of the first conflicting line.
    let line: Int
    /// The conflicting lines: the whole section when it holds nothing else.
    let range: Range<Int>

    enum Kind: Equatable {
        /// A `credential_process` and no other credential source: the entry of an older helper.
        case helper
        /// Keys or a role, of which this may be the only copy.
        case keys
        /// Options of `[DEFAULT]`, which apply because the file has a section of the profile's name that doesn't set
        /// them.
        case defaults(INIDefaults)
    }

    /// Returns nil when nothing in the file conflicts.
    init?(over name: ProfileName, in document: INIDocument) {
        guard let section = document.section(inCredentials: name) else { return nil }
        let sources = CredentialSource.options.intersection(section.options.keys)
        guard !sources.isEmpty else {
            guard let defaults = INIDefaults(winningIn: section, among: CredentialSource.winningInCredentials) else {
                return nil
            }
            kind = .defaults(defaults)
            line = defaults.line
            range = defaults.range
            return
        }
        kind = sources == ["credential_process"] ? .helper : .keys
        let lines = section.options["credential_process"]?.range
        line = section.line
        range = section.options.count == 1 ? section.range : lines ?? section.range
    }
}

/// A region in `~/.aws/credentials`, which takes precedence over the one in `~/.aws/config`.
struct ConflictingRegion: Equatable {
    let region: String
    /// The number of its line.
    let line: Int
    /// The section that sets it: the profile's, or `[DEFAULT]`.
    let section: String

    /// Returns nil when the file has no region, or the same as `~/.aws/config`.
    init?(over region: String?, of name: ProfileName, in document: INIDocument) {
        guard let section = document.section(inCredentials: name), let option = section["region"],
            let text = option.text, let region, text != region
        else { return nil }
        self.region = text
        line = option.line
        self.section = section.options["region"] == nil ? "[DEFAULT]" : "[\(name)]"
    }
}

extension INIDocument {
    /// The section of `~/.aws/credentials` with the profile's bare name; of several, which no tool reads, the first.
    func section(inCredentials name: ProfileName) -> Section? {
        sections.first { $0.name == ExactText(name.description) }
    }
}
