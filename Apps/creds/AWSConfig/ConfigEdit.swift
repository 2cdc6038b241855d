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
    enum Refusal: Error, Equatable {
        /// The section is there, says something else, and isn't ours.
        case otherContents
        /// The section is there more than once, so clients disagree about what counts.
        case duplicateSection
    }

    /// - Parameters:
    ///   - entry: what the file should say.
    ///   - bytes: the file as it is; empty when there is none.
    ///   - record: what was added for this profile before.
    ///   - replaces: whether another section of that name may be replaced.
    /// - Returns: the change; the content is `bytes` when nothing has to change.
    /// - Throws: ``Refusal`` when the file does not allow it.
    static func install(
        _ entry: ProfileEntry,
        in bytes: [UInt8],
        record: ConfigRecord?,
        replaces: Bool
    ) throws(Refusal) -> ConfigEdit {
        let edit = try proposal(entry, in: bytes, record: record, replaces: replaces)
        // What others wrote into our section may still decide where clients get their credentials.
        let sections = INIDocument(edit.content).sections(of: entry.name)
        guard let section = sections.first, entry.isSaid(by: section) else { throw .otherContents }
        return edit
    }

    private static func proposal(
        _ entry: ProfileEntry,
        in bytes: [UInt8],
        record: ConfigRecord?,
        replaces: Bool
    ) throws(Refusal) -> ConfigEdit {
        let document = INIDocument(bytes)
        let sections = document.sections(of: entry.name)
        let text = entry.text(lineEnd: document.lineEnd)
        guard sections.count <= 1 else { throw .duplicateSection }
        guard let section = sections.first else {
            let added = document.separator + text
            return ConfigEdit(content: bytes + Array(added.utf8), record: ConfigRecord(added: added))
        }
        if entry.isSaid(by: section) {
            return ConfigEdit(content: bytes, record: record ?? ConfigRecord(added: text))
        }
        if replaces {
            let isOurs = record.map { $0.names(section.options["credential_process"]) } ?? false
            let replaced = isOurs ? record?.replaced : Array(bytes[section.range])
            return ConfigEdit(
                content: bytes.replacing(section.range, with: Array(text.utf8)),
                record: ConfigRecord(added: text, replaced: replaced)
            )
        }
        guard let record, let range = bytes.range(of: record.added) else { throw .otherContents }
        // Ours, as we wrote it: said anew in its place.
        let added = String(record.added.prefix { $0.isNewline }) + text
        return ConfigEdit(
            content: bytes.replacing(range, with: Array(added.utf8)),
            record: ConfigRecord(added: added, replaced: record.replaced)
        )
    }
}

extension INIDocument {
    func sections(of profile: ProfileName) -> [Section] {
        sections.filter { ProfileName.named(byConfigHeader: $0.header) == profile.description }
    }

    /// What goes before a section at the end of the file: a blank line, and the line end that the file may lack.
    fileprivate var separator: String {
        guard let last = bytes.last else { return "" }
        return last == UInt8(ascii: "\n") ? lineEnd : lineEnd + lineEnd
    }
}

extension [UInt8] {
    /// The first place where `text` stands as lines of its own, not behind a comment sign.
    func range(of text: String) -> Range<Int>? {
        let text = Array(text.utf8)
        guard let first = text.first, text.count <= count else { return nil }
        let isLineEnd = first == UInt8(ascii: "\n") || first == UInt8(ascii: "\r")
        let start = (0...(count - text.count)).first { start in
            self[start] == first && (isLineEnd || start == 0 || self[start - 1] == UInt8(ascii: "\n"))
                && self[start..<(start + text.count)].elementsEqual(text)
        }
        return start.map { $0..<($0 + text.count) }
    }

    func replacing(_ range: Range<Int>, with bytes: [UInt8]) -> [UInt8] {
        Array(self[..<range.lowerBound]) + bytes + self[range.upperBound...]
    }
}
