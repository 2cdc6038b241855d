import BursarFoundation
package import SystemPackage

/// A folder of one test, removed with everything in it when the test lets go of it.
package final class TemporaryFolder: Sendable {
    package let path: FilePath

    /// Makes a folder whose name begins with `name`.
    package init(_ name: String = "bursar-test-") throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending(name + UUID().uuidString)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// Writes a file, and the folders above it, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: Int = 0o600) throws -> FilePath {
        let file = path.appending(name)
        try Self.write(text, to: file.string)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
        return file
    }

    /// Writes a file, and the folders above it.
    package static func write(_ text: String, to path: String) throws {
        let folder = FilePath(path).removingLastComponent().string
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @discardableResult
    package func link(_ name: String, to target: String) throws -> FilePath {
        let link = path.appending(name)
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: target)
        return link
    }

    /// The file's text; nil if it doesn't exist.
    package func text(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path.appending(name).string))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in the folder.
    package var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: path.string)) }
    }
}
