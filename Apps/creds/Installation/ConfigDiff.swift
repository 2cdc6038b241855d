import BursarConsole
import BursarModel
import INIParser

/// A change to a configuration file, in the format of `diff`.
enum ConfigDiff {
    /// The removed and added lines, between the unchanged lines at both ends.
    static func text(path: String, before: [UInt8], after: [UInt8]) -> String {
        let old = before[...].lines
        let new = after[...].lines
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let removed = old[head..<(old.count - tail)].map { "-" + shown($0) }
        let added = new[head..<(new.count - tail)].map { "+" + shown($0) }
        let place = "@@ -\(range(head, removed.count)) +\(range(head, added.count)) @@"
        return (["--- \(ControlText.visible(path))", "+++ \(ControlText.visible(path))", place] + removed + added)
            .joined(separator: "\n")
    }

    /// For an empty range, diff names the line before it.
    private static func range(_ head: Int, _ count: Int) -> String {
        "\(count == 0 ? head : head + 1),\(count)"
    }

    /// A line with the values of secret settings replaced.
    private static func shown(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line, as: UTF8.self).trimmingASCIIWhitespace()
        let name = text.prefix { $0 != "=" && $0 != ":" }.trimmingASCIIWhitespace().lowercased()
        guard name.contains("secret") || name.contains("token") else { return ControlText.visible(text) }
        return "\(name) = …"
    }
}
