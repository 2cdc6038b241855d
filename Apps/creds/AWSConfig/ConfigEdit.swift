import BursarModel
import INIParser

/// What `creds` put into `~/.aws/config`, kept with the profile so that it can be taken out again.
struct ConfigRecord: Codable, Equatable, Sendable {
    /// Exactly the text that was added, with the line ends before it that parted it from the rest.
    var added: String
    /// The section that stood there before `--replace`, if any.
    var replaced: [UInt8]?

    /// Whether `command` is the one that was added, so that its section is still ours, whatever else was edited.
    fileprivate func names(_ command: String?) -> Bool {
        guard let command else { return false }
        return added.split(whereSeparator: \.isNewline).contains("credential_process = \(command)")
    }
}

/// A change to `~/.aws/config`, worked out before anything is written; bytes that aren't ours stay as they are.
struct ConfigEdit: Equatable {
    /// The file as it will be.
    let content: [UInt8]
    let record: ConfigRecord

    /// Why the file can't be changed as it stands.
    enum ConfigEditError: Error, Equatable {
        /// The section is there, says something else, and isn't ours.
        case otherContents
        /// The section is there more than once, so clients disagree about what counts.
        case duplicateSection
        /// `[DEFAULT]` says for every profile where credentials come from, and that goes before ours.
        case defaultsWin(INIDefaults)
    }

    /// - Parameters:
    ///   - entry: what the file should say.
    ///   - bytes: the file as it is; empty when there is none.
    ///   - record: what was added for this profile before.
    ///   - replaces: whether another section of that name may be replaced.
    /// - Returns: the change; the content is `bytes` when nothing has to change.
    /// - Throws: ``ConfigEditError`` when the file does not allow it.
    static func install(
        _ entry: ProfileEntry,
        in bytes: [UInt8],
        record: ConfigRecord?,
        replaces: Bool
    ) throws(ConfigEditError) -> ConfigEdit {
        let edit = try proposal(entry, in: bytes, record: record, replaces: replaces)
        // What others wrote into our section may still decide where clients get their credentials.
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
    ) throws(ConfigEditError) -> ConfigEdit {
        let document = INIDocument(bytes)
        // Where SDKs differ about what a header names, both readings count.
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
        // Ours, as we wrote it: said anew in its place.
        let added = String(record.added.prefix { $0.isNewline }) + text
        return ConfigEdit(
            content: document.replacing(range, with: added.utf8),
            record: ConfigRecord(added: added, replaced: record.replaced)
        )
    }
}

extension INIDocument {
    /// The sections that botocore takes for a profile's; of several, it reads the last.
    func sections(of profile: ProfileName) -> [Section] {
        sections.filter { $0.isNamed(profile) }
    }
}

extension INIDocument.Section {
    fileprivate func isNamed(_ profile: ProfileName) -> Bool {
        AWSSectionName(name) == .profile(ExactText(profile.description))
    }

    /// botocore has no profile of the name `[ profile a ]`; other SDKs have.
    fileprivate func isNamedWithoutBlanks(_ profile: ProfileName) -> Bool {
        let name = ExactText(name.text.trimmingASCIIWhitespace())
        return AWSSectionName(name) == .profile(ExactText(profile.description))
    }
}
