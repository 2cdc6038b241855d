import BursarFoundation

/// A page of the documentation, read as far as tests need it.
package struct Page: Sendable {
    /// Below the checkout, such as `Docs/http-api.md`.
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    package init(_ name: String) throws {
        self.init(name: name, text: try String(contentsOfFile: Checkout.root + name, encoding: .utf8))
    }

    /// The pages beside the README, and every page of `Docs`.
    package static func all() throws -> [Page] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: Checkout.root + "Docs")
        let pages = names.filter { $0.hasSuffix(".md") }.sorted().map { "Docs/" + $0 }
        let front = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
        return try (front + pages).map { try Page($0) }
    }

    /// Lines that a reader sees as code.
    package struct Block: Sendable {
        /// `json`, `python`, …; empty when the block has none.
        package let language: String
        package var lines: [String]
    }

    /// Between fences, or indented by four blanks.
    package var blocks: [Block] { parts.compactMap(\.block) }

    /// All that is not in ``blocks``.
    package var prose: [String] { parts.compactMap(\.line) }

    /// The texts between single backticks.
    package var inlineCode: [String] {
        prose.joined(separator: "\n").matches(of: /`([^`]+)`/).map { String($0.1).replacing("\n", with: " ") }
    }

    /// Where the page links to, as it is written.
    package var links: [String] {
        let text = prose.joined(separator: "\n").replacing(/`[^`]*`/, with: "")
        return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
    }

    /// The targets that a link may name after `#`: the headings, as GitHub writes them.
    package var anchors: Set<String> {
        var anchors: Set<String> = []
        for line in prose where line.hasPrefix("#") {
            let title = line.drop { $0 == "#" }.drop { $0 == " " }
            let slug = title.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
                .replacing(" ", with: "-")
            let repeats = (1...).lazy.map { "\(slug)-\($0)" }.first { !anchors.contains($0) }
            anchors.insert(anchors.contains(slug) ? repeats ?? slug : slug)
        }
        return anchors
    }

    private enum Part {
        case code(Block)
        case prose(String)

        var block: Block? { if case .code(let block) = self { block } else { nil } }
        var line: String? { if case .prose(let line) = self { line } else { nil } }
    }

    private var parts: [Part] {
        var parts: [Part] = []
        var fenced: Block?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                if let block = fenced { parts.append(.code(block)) }
                fenced = fenced == nil ? Block(language: String(line.dropFirst(3)), lines: []) : nil
            } else if fenced != nil {
                fenced?.lines.append(line)
            } else if line.hasPrefix("    "), case .code(var block)? = parts.last {
                block.lines.append(String(line.dropFirst(4)))
                parts[parts.count - 1] = .code(block)
            } else if line.hasPrefix("    "), parts.last?.line?.isEmpty == true {
                parts.append(.code(Block(language: "", lines: [String(line.dropFirst(4))])))
            } else {
                parts.append(.prose(line))
            }
        }
        return parts
    }
}

extension Page.Block {
    /// The lines that a reader would type, continued ones joined: those with a prompt, or all where none has one.
    package var typed: [String] {
        let joined = lines.joined(separator: "\n").replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
        let prompted = joined.filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        return prompted.isEmpty ? joined : prompted
    }
}
