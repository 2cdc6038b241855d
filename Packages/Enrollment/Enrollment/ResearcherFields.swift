package import BursarConsole
package import BursarModel

/// Parsers for a researcher's details; `name` is the option or column, nil for an argument.
package enum ResearcherFields {
    package static func handle(_ text: String, _ name: UserFacingError.Place? = nil) throws(UserFacingError) -> Handle {
        guard let handle = Handle(text.trimmingBlanks()) else {
            let message = "\"\(ControlText.brief(text))\" can't be a handle: AWS would refuse it as a session name"
            let hint = "use 2 to 64 letters, digits and _ + = , . @ -"
            guard let name else { throw UserFacingError.misuse(message, hint: hint) }
            throw UserFacingError.value(of: name, message, hint: hint)
        }
        return handle
    }

    /// Returns text of one line that isn't empty.
    package static func line(
        _ text: String,
        _ name: UserFacingError.Place,
        limit: Int = 256
    ) throws(UserFacingError) -> String {
        let line = text.trimmingBlanks()
        guard !line.isEmpty, line.utf8.count <= limit else {
            throw UserFacingError.value(of: name, "is empty or longer than \(limit) bytes")
        }
        guard line.unicodeScalars.allSatisfy({ !Self.breaksLines($0) }) else {
            throw UserFacingError.value(
                of: name,
                "has a control character or a line break in it",
                hint: "write it on one line"
            )
        }
        return line
    }

    /// Returns an address, also from the forms of spreadsheets, web pages and mail programs: a link, or an address
    /// behind a name.
    package static func email(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> String {
        let typed = try line(text, name)
        let email = Mailbox(typed)?.address ?? typed
        let sides = email.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }), !email.contains(where: \.isWhitespace),
            !email.contains(where: { ":<>".contains($0) }), ControlText.visible(email) == email
        else {
            throw UserFacingError.value(
                of: name,
                "\"\(ControlText.brief(email))\" is not an e-mail address",
                hint: "it looks like ada@example.edu"
            )
        }
        return email
    }

    package static func sponsor(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> String {
        try line(text, name)
    }

    package static func note(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> String {
        try line(text, name, limit: 1024)
    }

    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// The purpose of a key, as lists show it.
package enum KeyLabel {
    package static func read(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> String {
        try ResearcherFields.line(text, name, limit: 128)
    }
}

/// An e-mail address as copied from elsewhere: `mailto:ada@example.edu?subject=…`, `Ada <ada@example.edu>`.
struct Mailbox {
    /// nil where there is none.
    let name: String?
    let address: String

    /// Returns nil for text with an angle bracket that isn't of this form.
    init?(_ text: String) {
        let text = text.trimmingBlanks()
        guard let open = text.firstIndex(of: "<") else {
            (name, address) = (nil, Self.address(text))
            return
        }
        let inner = text[text.index(after: open)...]
        guard inner.last == ">", !inner.dropLast().contains(where: { "<>".contains($0) }) else { return nil }
        let name = text[..<open].trimmingBlanks().filter { $0 != "\"" }
        self.name = name.isEmpty ? nil : name
        address = Self.address(inner.dropLast().trimmingBlanks())
    }

    /// Returns the address without a link's scheme, query and escapes.
    private static func address(_ text: String) -> String {
        let scheme = "mailto:"
        let isLink = text.lowercased().hasPrefix(scheme)
        let path = isLink ? String(text.dropFirst(scheme.count).prefix { $0 != "?" }) : text
        guard isLink || path.contains("%20") else { return path }
        return unescaped(path).trimmingBlanks()
    }

    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.prefix(2).allSatisfy({ Character(.init($0)).isHexDigit }),
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Returns `work(value)`, or nil for nil.
package func given<Value, Result>(
    _ value: Value?,
    _ work: (Value) throws(UserFacingError) -> Result
) throws(UserFacingError) -> Result? {
    guard let value else { return nil }
    return try work(value)
}
