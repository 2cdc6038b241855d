import SystemPackage

/// `~` and `$NAME` in paths of the environment and of config files, as botocore expands them.
struct PathExpansion {
    let environment: [String: String]

    /// nil for an empty path, and for `~` when there is no `HOME`.
    func expand(_ path: String) -> FilePath? {
        var path = variables(in: path)
        if path == "~" || path.hasPrefix("~/") {
            guard let home = environment["HOME"], !home.isEmpty else { return nil }
            path = home + path.dropFirst()
        }
        return path.isEmpty ? nil : FilePath(path)
    }

    /// `$NAME` and `${NAME}`; a name that isn't set stays as it stands.
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
}
