import BursarModel
import INIParser

/// Takes out of `~/.aws/config` what `creds install` put there.
struct ConfigRemoval: Equatable {
    /// The file as it will be.
    let content: [UInt8]
    let outcome: Outcome
    /// The line end that the text before ours lacked and was given, now that other text follows it; where it stands.
    private(set) var joint: Range<Int>?

    enum Outcome: Equatable {
        /// Exactly the text that was added is out.
        case whole
        /// The section was edited after us: our lines are out of it, the rest stays.
        case partly
        /// There is no line of ours in the file.
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
