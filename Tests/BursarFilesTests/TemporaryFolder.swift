import BursarFoundation
import SystemPackage

/// A folder of one test, removed with everything in it when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    func file(_ name: String, _ content: String = "", mode: Int = 0o600) throws -> FilePath {
        let file = path.appending(name)
        try Data(content.utf8).write(to: URL(filePath: file.string))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
        return file
    }

    func link(_ name: String, to target: String) throws -> FilePath {
        let link = path.appending(name)
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: target)
        return link
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path.appending(name).string)), as: UTF8.self)
    }

    var names: Set<String> {
        get throws { Set(try FileManager.default.contentsOfDirectory(atPath: path.string)) }
    }
}

extension FilePath {
    var permissions: FilePermissions.RawValue {
        get throws { try stat().permissions.rawValue }
    }
}
