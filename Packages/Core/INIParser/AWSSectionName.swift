/// The kind of a section of `~/.aws/config`, by its name, as botocore's `build_profile_map` determines it.
package enum AWSSectionName: Hashable, Sendable {
    /// `[default]`, or two words of which the first begins with `profile`; quotes around the second don't count.
    case profile(ExactText)
    case ssoSession(ExactText)
    case services(ExactText)
    /// A section that AWS's tools ignore.
    case other

    package init(_ name: ExactText) {
        // Begins with, and no more: `[profiles a]` is a profile too.
        let kinds: [(prefix: String, make: (ExactText) -> Self)] = [
            ("profile", Self.profile), ("sso-session", Self.ssoSession), ("services", Self.services),
        ]
        guard let kind = kinds.first(where: { name.hasPrefix($0.prefix) }) else {
            self = name == "default" ? .profile("default") : .other
            return
        }
        guard let words = try? ShellWords.split(name.text), words.count == 2 else {
            self = .other
            return
        }
        self = kind.make(ExactText(words[1]))
    }
}

/// Text that equals only what has the same code points, as Python compares strings.
///
/// Swift's strings are equal when they are canonically equivalent, so `café` in two spellings would be one name and not
/// two.
package struct ExactText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init(_ text: some StringProtocol) {
        self.text = String(text)
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }

    package func hasPrefix(_ prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8)
    }

    package var description: String { text }
}
