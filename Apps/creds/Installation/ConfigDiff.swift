import BursarCore
import Console

/// What a change would do to a configuration file, as `diff` shows it.
enum ConfigDiff {
    /// The lines that go and the lines that come, between those that stay the same at both ends.
    static func text(path: String, before: [UInt8], after: [UInt8]) -> String {
        let old = before[...].lines
        let new = after[...].lines
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let removed = old[head..<(old.count - tail)].map { "-" + shown($0) }
        let added = new[head..<(new.count - tail)].map { "+" + shown($0) }
        let place = "@@ -\(head + 1),\(removed.count) +\(head + 1),\(added.count) @@"
        return (["--- \(ControlText.visible(path))", "+++ \(ControlText.visible(path))", place] + removed + added)
            .joined(separator: "\n")
    }

    /// A line as it may be shown: secrets that somebody keeps in the file stay there.
    private static func shown(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line, as: UTF8.self).trimmingASCIIWhitespace()
        let name = text.prefix { $0 != "=" && $0 != ":" }.trimmingASCIIWhitespace().lowercased()
        guard name.contains("secret") || name.contains("token") else { return ControlText.visible(text) }
        return "\(name) = …"
    }
}
