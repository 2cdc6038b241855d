import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import ServerSettings
import SystemPackage

/// What a settings file has that an earlier `apply` wrote, in whichever form.
struct ExistingSettingsFile {
    private static let longest = 1 << 20
    private static let known = StackOutput.allCases.compactMap(\.setting)

    /// The settings in it.
    let settings: Set<Setting>

    /// nil when there is no file.
    ///
    /// - Throws: ``UserFacingError`` when it holds anything that doesn't follow from a stack, a comment too, or `FileError`.
    static func read(_ path: FilePath) throws -> Self? {
        guard let bytes = try FileContent.readIfPresent(path, limit: longest) else { return nil }
        do {
            return Self(settings: try settings(in: String(decoding: bytes, as: UTF8.self)))
        } catch let foreign as Foreign {
            throw UserFacingError(
                "\(path) holds \(foreign.what), which apply would take away",
                hint: "name a new file with --output, and put its lines into \(path) by hand"
            )
        }
    }

    private struct Foreign: Error {
        let what: String
    }

    private static func settings(in text: String) throws -> Set<Setting> {
        if text.hasPrefix("{") { return try json(text) }
        var found: Set<Setting> = []
        var group = ""
        for line in text.split(whereSeparator: \.isNewline).map(String.init) where !line.allSatisfy(\.isWhitespace) {
            let name = line.prefix { $0 != "=" && $0 != ":" }
            if line.hasPrefix(name + "=") {
                guard let setting = known.first(where: { $0.environmentName == name }) else { throw foreign(name) }
                found.insert(setting)
                continue
            }
            guard line.hasPrefix(name + ":") else { throw foreign(line) }
            let isInGroup = name.hasPrefix("  ")
            if !isInGroup { group = "" }
            let path = isInGroup ? group + name.dropFirst(2) : String(name)
            if let setting = known.first(where: { $0.rawValue == path }) {
                found.insert(setting)
            } else if !isInGroup, line == name + ":", known.contains(where: { $0.rawValue.hasPrefix(name + ".") }) {
                group = name + "."
            } else {
                throw foreign(path)
            }
        }
        return found
    }

    private static func json(_ text: String) throws -> Set<Setting> {
        let sheet = try? JSONDecoder().decode([String: [String: String]].self, from: Data(text.utf8))
        guard let sheet, Set(sheet.keys) == ["outputs", "settings"] else {
            throw Foreign(what: "JSON that isn't its own")
        }
        let names = sheet["settings"].map { Array($0.keys) } ?? []
        return try Set(
            names.map { name in
                guard let setting = known.first(where: { $0.environmentName == name }) else { throw foreign(name) }
                return setting
            }
        )
    }

    /// A name is shown, a value never: it may be a secret.
    private static func foreign(_ name: some StringProtocol) -> Foreign {
        let name = name.trimmingASCIIWhitespace()
        if name.hasPrefix("#") { return Foreign(what: "comments") }
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._".utf8.contains($0) }
        return Foreign(what: isName ? "\(name.prefix(60))" : "lines that aren't its own")
    }
}
