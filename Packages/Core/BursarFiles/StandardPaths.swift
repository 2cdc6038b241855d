package import SystemPackage

/// The places of a user's files, by the XDG Base Directory Specification 0.8.
///
/// A relative or empty `XDG_…` value is ignored, as the specification says.
package struct StandardPaths: Sendable {
    private let environment: [String: String]
    private let accountHome: @Sendable () -> FilePath?

    /// `HOME` is empty or relative, or unset for a user whom the system doesn't know, and nothing else says where files
    /// go.
    package struct HomeDirectoryError: Error, Equatable {
        package init() {}
    }

    /// `accountHome` is asked where there is no `HOME`: a service of root's without `User=`, some batch jobs.
    package init(
        environment: [String: String],
        accountHome: @escaping @Sendable () -> FilePath? = { PasswordEntry.home(of: nil).map { FilePath($0) } }
    ) {
        self.environment = environment
        self.accountHome = accountHome
    }

    /// `HOME`, or where it is unset the folder that the system has for this user, as botocore, Go and Java take it.
    package func home() throws(HomeDirectoryError) -> FilePath {
        let home = environment["HOME"] == nil ? accountHome() : absolute("HOME")
        guard let home, home.isAbsolute else { throw HomeDirectoryError() }
        return home
    }

    /// `XDG_CONFIG_HOME`, else `~/.config`.
    package func config() throws(HomeDirectoryError) -> FilePath {
        if let folder = absolute("XDG_CONFIG_HOME") { return folder }
        return try home().appending(".config")
    }

    /// `XDG_CACHE_HOME`, else `~/.cache`.
    package func cache() throws(HomeDirectoryError) -> FilePath {
        if let folder = absolute("XDG_CACHE_HOME") { return folder }
        return try home().appending(".cache")
    }

    /// `XDG_STATE_HOME`, else `~/.local/state`.
    package func state() throws(HomeDirectoryError) -> FilePath {
        if let folder = absolute("XDG_STATE_HOME") { return folder }
        return try home().appending(".local").appending("state")
    }

    /// A path that the shell handed over as it was written, as in `--output=~/keys` and in files of settings.
    ///
    /// `~/` is the home folder, and nothing else is taken for anything else: a `~` in the midst is a name. What a shell
    /// or a file of settings would have made something else of (`$HOME/x`, `"/x"`, `sqlite:///x`) is a path only where
    /// it is there: otherwise a folder of that name would be made, far from where it was meant.
    package func path(_ text: String) throws(PathError) -> FilePath {
        let path = try expanded(text)
        if let error = PathError(text, at: path) { throw error }
        return path
    }

    private func expanded(_ text: String) throws(PathError) -> FilePath {
        guard text.hasPrefix("~") else { return FilePath(text) }
        guard text == "~" || text.hasPrefix("~/") else { throw PathError(text: text, reason: .otherUser) }
        do {
            // An absolute rest, after `~//`, would otherwise replace the home folder.
            return FilePath(try home().string + "/" + text.dropFirst(2))
        } catch {
            throw PathError(text: text, reason: .homeMissing)
        }
    }

    private func absolute(_ name: String) -> FilePath? {
        guard let path = environment[name].map({ FilePath($0) }), path.isAbsolute else { return nil }
        return path
    }
}

/// A path as it was typed is not one: what a shell or a file of settings should have taken out of it is still there.
package struct PathError: Error, Equatable, CustomStringConvertible {
    let text: String
    let reason: Reason

    init(text: String, reason: Reason) {
        self.text = text
        self.reason = reason
    }

    /// nil for a path, and for what is there.
    ///
    /// - Parameters:
    ///   - text: the path as it was typed.
    ///   - path: what it leads to.
    package init?(_ text: String, at path: FilePath) {
        guard let reason = Reason(text, path) else { return nil }
        self.init(text: text, reason: reason)
    }

    enum Reason: Equatable, Sendable {
        /// `~ada`, another person's home, or a name.
        case otherUser
        case homeMissing
        /// `$HOME`, `${HOME}` or `$(pwd)`, as in single quotes, units and files of settings.
        case variable(String)
        /// `"/x"`, as in files of variables that Docker reads.
        case quotationMarks
        /// `sqlite:///x`, `file:x`, by what is before the colon: the rest may hold a password.
        case address(String)
        /// At the beginning or the end; a carriage return for one, of a file with Windows' ends of lines.
        case blanks

        init?(_ text: String, _ path: FilePath) {
            func isThere(_ path: FilePath) -> Bool { (try? path.stat(followTargetSymlink: false)) != nil }
            let found: Reason
            if let scheme = Self.scheme(of: text) {
                found = .address(scheme)
            } else if let first = text.first, let last = text.last, first.isWhitespace || last.isWhitespace {
                found = .blanks
            } else if let first = text.first, Self.marks.contains(first) {
                found = .quotationMarks
            } else {
                var above = FilePath(root: path.root)
                for component in path.components {
                    above.append(component)
                    guard let variable = Self.variable(component.string), !isThere(above) else { continue }
                    self = .variable(variable)
                    return
                }
                return nil
            }
            guard !isThere(path) else { return nil }
            self = found
        }

        private static let marks: Set<Character> = ["\"", "'", "`", "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}"]

        private static func scheme(of text: String) -> String? {
            let bare = text.drop { $0.isWhitespace || marks.contains($0) }
            let scheme = bare.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) }
            let rest = bare.dropFirst(scheme.count)
            guard !scheme.isEmpty, rest.first == ":" else { return nil }
            let isAddress = rest.hasPrefix("://") || ["file", "sqlite", "sqlite3"].contains(scheme.lowercased())
            return isAddress ? String(scheme) : nil
        }

        /// `$NAME` or `${NAME` at the beginning of a path's part, `$(pwd)` as `$(…)`.
        private static func variable(_ part: String) -> String? {
            guard part.first == "$" else { return nil }
            let rest = part.dropFirst()
            if rest.first == "(" { return "$(\u{2026})" }
            let name = rest.drop { $0 == "{" }.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            return name.isEmpty || name.first?.isNumber == true ? nil : "$" + name
        }
    }

    package var description: String {
        switch reason {
        case .otherUser: "\(text): the shell left the ~ as it is, and only ~/ is known here"
        case .homeMissing: "\(text): HOME is not set to a folder, so ~ leads nowhere"
        case .variable(let name): "\(text): \(name) was left as it is, and nothing of that name is there"
        case .quotationMarks: "\(text): the quotation marks were left as they are, and nothing of that name is there"
        case .address(let scheme): "\(scheme):\u{2026}, an address, and a path is needed"
        case .blanks: "\"\(text)\" begins or ends with a blank, and nothing of that name is there"
        }
    }

    package var hint: String {
        switch reason {
        case .otherUser: "write the folder out, or ./\(text) for a file of that name"
        case .homeMissing: "set HOME, or write the folder out"
        case .variable:
            "write the path out: single quotes, systemd's units and files of variables leave it as it is"
        case .quotationMarks: "write it without them: Docker's files of variables, for one, take them as a part of it"
        case .address: "write the path alone, as /folder/file"
        case .blanks: "write it without them, and a file of variables with the ends of lines of Unix"
        }
    }
}
