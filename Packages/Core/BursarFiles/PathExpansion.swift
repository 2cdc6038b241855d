package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `~` and `$NAME` in paths of the environment and of config files, as botocore expands them.
///
/// First Python's `os.path.expandvars`, then `expanduser`: `$NAME` and `${NAME}`, and at the beginning `~` and `~user`.
/// A name without a value stays as it is written.
package struct PathExpansion: Sendable {
    private let environment: [String: String]
    private let homeFolder: @Sendable (_ user: String?) -> String?

    /// - Parameters:
    ///   - environment: variables by name.
    ///   - homeFolder: a user's, by name; nil asks for this process's own. The system's list of users, mostly.
    package init(
        environment: [String: String],
        homeFolder: @escaping @Sendable (_ user: String?) -> String? = PasswordEntry.home
    ) {
        self.environment = environment
        self.homeFolder = homeFolder
    }

    /// nil for an empty path, and for `~` where `HOME` is set to nothing.
    package func expand(_ path: String) -> FilePath? {
        guard let path = user(in: variables(in: path)), !path.isEmpty else { return nil }
        return FilePath(path)
    }

    /// `$NAME` and `${NAME}`; what a value holds isn't expanded again.
    private func variables(in path: String) -> String {
        var result = ""
        var rest = Substring(path)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            let after = rest.dropFirst()
            let name: Substring
            let length: Int
            if after.first == "{", let end = after.firstIndex(of: "}") {
                name = after[after.index(after: after.startIndex)..<end]
                length = name.count + 3
            } else {
                name = after.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                length = name.count + 1
            }
            result += environment[String(name)] ?? String(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return result + rest
    }

    /// nil where there is no home folder to begin at.
    private func user(in path: String) -> String? {
        guard path.first == "~" else { return path }
        let name = path.dropFirst().prefix { $0 != "/" }
        let rest = path.dropFirst(1 + name.count)
        let home: String?
        if name.isEmpty, let set = environment["HOME"] {
            guard !set.isEmpty else { return nil }
            home = set
        } else {
            home = homeFolder(name.isEmpty ? nil : String(name))
        }
        guard var home else { return path }
        while home.utf8.last == UInt8(ascii: "/") { home.removeLast() }
        let expanded = home + rest
        return expanded.isEmpty ? "/" : expanded
    }
}

/// The system's list of users.
package enum PasswordEntry {
    /// A user's home folder, by name, or this process's user's; nil when the list has no such user.
    package static func home(of user: String?) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 << 10) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let status =
                user.map { getpwnam_r($0, &entry, start, buffer.count, &found) }
                ?? getpwuid_r(getuid(), &entry, start, buffer.count, &found)
            guard status == 0, found != nil, let folder = entry.pw_dir else { return nil }
            return String(cString: folder)
        }
    }
}
