import INIParser

/// What in `~/.aws/credentials` would win over a profile of `~/.aws/config`.
struct ConflictingEntry: Equatable {
    let kind: Kind
    /// The number of the first line that makes it win.
    let line: Int
    /// The lines that make it win, whole: its section when that says nothing else.
    let range: Range<Int>

    enum Kind: Equatable {
        /// A `credential_process` and nothing else that gets credentials: an older helper was installed there.
        case helper
        /// Keys or a role, of which this may be the only copy.
        case keys
        /// What `[DEFAULT]` says, since the file has a section of the profile's name that says nothing of it.
        case defaults(INIDefaults)
    }

    /// nil when nothing there wins.
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

/// A region in `~/.aws/credentials`, which wins over the one in `~/.aws/config`.
struct ConflictingRegion: Equatable {
    let region: String
    /// The number of its line.
    let line: Int
    /// Where it stands: under the profile's name, or under `[DEFAULT]`.
    let section: String

    /// nil when the file has none, or says the same as `~/.aws/config`.
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
    /// In `~/.aws/credentials` a section has the profile's bare name; of several, which no tool reads, the first.
    func section(inCredentials name: ProfileName) -> Section? {
        sections.first { $0.name == ExactText(name.description) }
    }
}
