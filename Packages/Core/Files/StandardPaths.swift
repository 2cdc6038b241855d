package import SystemPackage

/// Where a user's files go, by the XDG Base Directory Specification 0.8.
///
/// A relative or empty `XDG_…` value is ignored, as the specification says.
package struct StandardPaths: Sendable {
    private let environment: [String: String]
    private let accountHome: @Sendable () -> FilePath?

    /// `HOME` is empty or relative, or unset for a user whom the system doesn't know, and nothing else says where files
    /// go.
    package struct HomeMissing: Error, Equatable {
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
    package func home() throws(HomeMissing) -> FilePath {
        let home = environment["HOME"] == nil ? accountHome() : absolute("HOME")
        guard let home, home.isAbsolute else { throw HomeMissing() }
        return home
    }

    /// `XDG_CONFIG_HOME`, else `~/.config`.
    package func config() throws(HomeMissing) -> FilePath {
        if let folder = absolute("XDG_CONFIG_HOME") { return folder }
        return try home().appending(".config")
    }

    /// `XDG_CACHE_HOME`, else `~/.cache`.
    package func cache() throws(HomeMissing) -> FilePath {
        if let folder = absolute("XDG_CACHE_HOME") { return folder }
        return try home().appending(".cache")
    }

    /// `XDG_STATE_HOME`, else `~/.local/state`.
    package func state() throws(HomeMissing) -> FilePath {
        if let folder = absolute("XDG_STATE_HOME") { return folder }
        return try home().appending(".local").appending("state")
    }

    /// A path that the shell handed over as it was written, as in `--output=~/keys` and in files of settings.
    ///
    /// `~/` is the home folder, and nothing else is taken for anything else: a `~` in the midst is a name.
    package func path(_ text: String) throws(TildeError) -> FilePath {
        guard text.hasPrefix("~") else { return FilePath(text) }
        guard text == "~" || text.hasPrefix("~/") else { throw TildeError(text: text, reason: .otherUser) }
        do {
            // What is absolute, after `~//`, would otherwise take the place of the home folder.
            return FilePath(try home().string + "/" + text.dropFirst(2))
        } catch {
            throw TildeError(text: text, reason: .homeMissing)
        }
    }

    /// A path begins with a `~` that can't be made out.
    package struct TildeError: Error, Equatable, CustomStringConvertible {
        let text: String
        let reason: Reason

        enum Reason {
            /// `~ada`, another person's home, or a name.
            case otherUser
            case homeMissing
        }

        package var description: String {
            switch reason {
            case .otherUser: "\(text): the shell left the ~ as it is, and only ~/ is known here"
            case .homeMissing: "\(text): HOME is not set to a folder, so ~ leads nowhere"
            }
        }

        package var hint: String {
            switch reason {
            case .otherUser: "write the folder out, or ./\(text) for a file of that name"
            case .homeMissing: "set HOME, or write the folder out"
            }
        }
    }

    private func absolute(_ name: String) -> FilePath? {
        guard let path = environment[name].map({ FilePath($0) }), path.isAbsolute else { return nil }
        return path
    }
}
