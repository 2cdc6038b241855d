package import SystemPackage

/// Where a user's files go, by the XDG Base Directory Specification 0.8.
///
/// A relative or empty `XDG_…` value is ignored, as the specification says.
package struct StandardPaths: Sendable {
    private let environment: [String: String]

    /// `HOME` is unset, empty or relative, and nothing else says where files go.
    package struct HomeMissing: Error, Equatable {
        package init() {}
    }

    package init(environment: [String: String]) {
        self.environment = environment
    }

    /// `HOME`.
    package func home() throws(HomeMissing) -> FilePath {
        guard let home = absolute("HOME") else { throw HomeMissing() }
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

    private func absolute(_ name: String) -> FilePath? {
        guard let path = environment[name].map({ FilePath($0) }), path.isAbsolute else { return nil }
        return path
    }
}
