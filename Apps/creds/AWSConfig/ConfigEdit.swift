import BursarModel
import INIParser

/// The text that `creds` added to `~/.aws/config`, kept with the profile so that it can be removed again.
struct ConfigRecord: Codable, Equatable, Sendable {
    /// The exact text that was added, including the line ends that separate it from the preceding text.
    var added: String
    /// The section that `--replace` replaced, if any.
    var replaced: [UInt8]?

    /// Returns true if `command` is the command that was added: its section is then still creds' own, whatever else was
    /// edited.
    fileprivate func names(_ command: String?) -> Bool {
        guard let command else { return false }
        return added.split(whereSeparator: \.isNewline).contains("credential_process = \(command)")
    }
}

/// A change to `~/.aws/config`, computed before anything is written; bytes that creds did not add stay unchanged.
struct ConfigEdit: Equatable {
    /// The file's new content.
    let content: [UInt8]
    let record: ConfigRecord

    /// A reason why the file cannot be changed.
    enum EditError: Error, Equatable {
        /// A section of that name exists with different content that creds did not write.
        case otherContents
        /// The section occurs more than once, so clients disagree about which one counts.
        case duplicateSection
        /// `[DEFAULT]` sets a credential source for every profile, which takes precedence over the installed section.
        case defaultsWin(INIDefaults)
    }

    /// - Parameters:
    ///   - entry: what the file should say.
    ///   - bytes: the file as it is; empty when there is none.
    ///   - record: what was added for this profile before.
    ///   - replaces: whether another section of that name may be replaced.
    /// - Returns: the change; the content is `bytes` when nothing has to change.
    /// - Throws: ``EditError`` when the file does not allow it.
    static func install(
        _ entry: ProfileEntry,
        in bytes: [UInt8],
        record: ConfigRecord?,
        replaces: Bool
    ) throws(EditError) -> ConfigEdit {
        let edit = try proposal(entry, in: bytes, record: record, replaces: replaces)
        // Options that others added to the installed section may still decide where clients get their credentials.
        let sections = INIDocument(edit.content).sections(of: entry.name)
        guard let section = sections.first, entry.isSaid(by: section) else { throw .otherContents }
        if let defaults = INIDefaults(winningIn: section) { throw .defaultsWin(defaults) }
        return edit
    }

    private static func proposal(
        _ entry: ProfileEntry,
        in bytes: [UInt8],
        record: ConfigRecord?,
        replaces: Bool
    ) throws(EditError) -> ConfigEdit {
        let document = INIDocument(bytes)
        // Where SDKs differ about the profile that a header names, both readings count.
        let sections = document.sections.filter { $0.isNamed(entry.name) || $0.isNamedWithoutBlanks(entry.name) }
        let text = entry.text(lineEnd: document.lineEnd)
        guard sections.count <= 1 else { throw .duplicateSection }
        guard let section = sections.first else {
            let (content, added) = document.appending(text)
            return ConfigEdit(content: content, record: ConfigRecord(added: added))
        }
        if section.isNamed(entry.name), entry.isSaid(by: section) {
            return ConfigEdit(content: bytes, record: record ?? ConfigRecord(added: text))
        }
        if replaces {
            let isOurs = record.map { $0.names(section.options["credential_process"]?.text) } ?? false
            let replaced = isOurs ? record?.replaced : Array(bytes[section.range])
            return ConfigEdit(
                content: document.replacing(section.range, with: text.utf8),
                record: ConfigRecord(added: text, replaced: replaced)
            )
        }
        guard let record, let range = bytes.range(of: record.added) else { throw .otherContents }
        // A section that creds wrote itself is rewritten in place.
        let added = String(record.added.prefix { $0.isNewline }) + text
        return ConfigEdit(
            content: document.replacing(range, with: added.utf8),
            record: ConfigRecord(added: added, replaced: record.replaced)
        )
    }
}

extension INIDocument {
    /// The sections that botocore reads as this profile; of several, it uses the last.
    func sections(of profile: ProfileName) -> [Section] {
        sections.filter { $0.isNamed(profile) }
    }
}

extension INIDocument.Section {
    fileprivate func isNamed(_ profile: ProfileName) -> Bool {
        AWSSectionName(name) == .profile(ExactText(profile.description))
    }

    /// botocore does not read the header `[ profile a ]` as a profile; other SDKs do.
    fileprivate func isNamedWithoutBlanks(_ profile: ProfileName) -> Bool {
        let name = ExactText(name.text.trimmingASCIIWhitespace())
        return AWSSectionName(name) == .profile(ExactText(profile.description))
    }
}

/// The removal of the text that `creds install` added to `~/.aws/config`.
struct ConfigRemoval: Equatable {
    /// The file's new content.
    let content: [UInt8]
    let outcome: Outcome
    /// The range of a line end that the install added to the preceding text, and that following text now needs.
    private(set) var joint: Range<Int>?

    enum Outcome: Equatable {
        /// The exact text that was added is removed.
        case whole
        /// The section was edited after the install: creds' own lines are removed, the rest stays.
        case partly
        /// The file has no line of creds.
        case nothingFound
    }

    init(of name: ProfileName, from bytes: [UInt8], record: ConfigRecord) {
        let document = INIDocument(bytes)
        if let range = bytes.range(of: record.added), document.hasWholeSections(in: range) {
            (content, joint) = document.removing(range, puttingBack: record.replaced ?? [])
            outcome = .whole
            return
        }
        let ours = Set(record.added.split(whereSeparator: \.isNewline).map(String.init))
        let sections = document.sections(of: name)
        guard let section = sections.first, sections.count == 1 else {
            content = bytes
            outcome = .nothingFound
            return
        }
        let lines = bytes[section.range].lines
        let rest = lines.filter { line in
            let text = Self.text(of: line)
            return text == name.configHeader || !ours.contains(text)
        }
        content = document.replacing(section.range, with: rest.count == 1 ? [] : rest.flatMap { $0 })
        outcome = rest.count == lines.count ? .nothingFound : .partly
    }

    private static func text(of line: ArraySlice<UInt8>) -> String {
        String(String(decoding: line, as: UTF8.self).trimmingASCIIWhitespace())
    }
}
