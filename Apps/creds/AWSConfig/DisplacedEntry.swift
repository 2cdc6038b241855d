import INIParser

/// An older helper's entry removed from `~/.aws/credentials`, kept with the profile so that it can be restored.
struct DisplacedEntry: Codable, Equatable, Sendable {
    /// The file's path.
    ///
    /// It is stored because `AWS_SHARED_CREDENTIALS_FILE` may differ when the profile is uninstalled.
    let file: String
    /// The exact lines that were removed.
    private let lines: [UInt8]
    private let before: Fingerprint
    private let after: Fingerprint
    /// A fingerprint of the original file, to recognise a complete restoration.
    var whole: Fingerprint

    init(_ range: Range<Int>, of bytes: [UInt8], file: String) {
        self.file = file
        lines = Array(bytes[range])
        before = Fingerprint(bytes[..<range.lowerBound])
        after = Fingerprint(bytes[range.upperBound...])
        whole = Fingerprint(bytes)
    }

    /// The file with the entry restored: in its original place if that can be found, else at the end.
    ///
    /// Returns `bytes` unchanged when the profile has an entry again, added by hand or by the older helper's installer.
    func putBack(into bytes: [UInt8], for name: ProfileName) -> [UInt8] {
        let document = INIDocument(bytes)
        guard ConflictingEntry(over: name, in: document) == nil else { return bytes }
        if isAsLeft(bytes) { return bytes[..<before.count] + lines + bytes[before.count...] }
        let section = opensSection ? nil : document.section(inCredentials: name)
        let isFit = { (place: Int) in canTake(document, at: place, section) }
        if let place = places(in: bytes).first(where: isFit) {
            return bytes[..<place] + Self.lines(lines, before: bytes[place...], document.lineEnd) + bytes[place...]
        }
        if let section {
            let place = bytes[section.range].lines.first?.endIndex ?? section.range.upperBound
            return Self.lines(bytes[..<place], before: lines[...], document.lineEnd)
                + Self.lines(lines, before: bytes[place...], document.lineEnd) + bytes[place...]
        }
        let header = opensSection ? "" : "[\(name)]" + document.lineEnd
        return Self.lines(bytes, before: lines[...], document.lineEnd) + Array(header.utf8) + lines
    }

    /// Returns true if the file is unchanged since the entry was removed, even where a CR before the entry and an LF
    /// after it now look like one line end.
    private func isAsLeft(_ bytes: [UInt8]) -> Bool {
        bytes.count == before.count + after.count && Fingerprint(bytes.prefix(before.count)) == before
            && Fingerprint(bytes[before.count...]) == after
    }

    /// The places after the original preceding text, or before the original following text, where that has not changed.
    private func places(in bytes: [UInt8]) -> [Int] {
        let end = bytes.count - after.count
        return [
            Fingerprint(bytes.prefix(before.count)) == before ? before.count : nil,
            end >= 0 && Fingerprint(bytes[end...]) == after ? end : nil,
        ].compactMap(\.self)
    }

    /// Returns true if the entry's lines would be whole lines there, and would separate no section from its options.
    private func canTake(_ document: INIDocument, at place: Int, _ section: INIDocument.Section?) -> Bool {
        guard document.beginsLine(at: place) else { return false }
        if let section { return section.range.lowerBound < place && place <= section.range.upperBound }
        return opensSection
            && !document.sections.contains { $0.range.lowerBound < place && place < $0.range.upperBound }
    }

    /// True if the entry includes its section header, which is so when the section held nothing else.
    private var opensSection: Bool {
        lines.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } == UInt8(ascii: "[")
    }

    /// Returns `lines`, with a line end added when text follows them.
    private static func lines(
        _ lines: some Collection<UInt8>,
        before rest: ArraySlice<UInt8>,
        _ lineEnd: String
    ) -> [UInt8] {
        let isEnded = rest.isEmpty || Array(lines).last?.isLineEnd ?? true
        return Array(lines) + (isEnded ? [] : Array(lineEnd.utf8))
    }
}
