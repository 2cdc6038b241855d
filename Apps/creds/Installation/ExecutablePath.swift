import BursarConsole
import BursarFoundation
import SystemPackage

#if canImport(Darwin)
import Darwin
#endif

/// The path of the running program.
enum ExecutablePath {
    /// An absolute path that survives an upgrade, if there is one.
    ///
    /// A package manager installs a link and replaces its target. The path by which the program was called, or found in
    /// `PATH`, is used if it leads to this very program; else the program's own, with links resolved.
    static func current(calledAs name: String, search: String?) throws(UserFacingError) -> String {
        guard let path = try? find() else {
            throw UserFacingError("the path of this program can't be found", hint: "is /proc mounted?")
        }
        return lasting(path, calledAs: name, search: search)
    }

    static func lasting(_ executable: String, calledAs name: String, search: String?) -> String {
        let folders = name.contains("/") ? [] : (search ?? "").split(separator: ":").map { FilePath(String($0)) }
        let candidates = folders.isEmpty ? [FilePath(name)] : folders.map { $0.appending(name) }
        let own = try? FilePath(executable).stat()
        let called = candidates.first { path in
            guard path.isAbsolute, let own, let other = try? path.stat() else { return false }
            return other.deviceID == own.deviceID && other.inode == own.inode
        }
        return called?.string ?? executable
    }

    private static func find() throws -> String? {
        #if canImport(Darwin)
        var size = UInt32(PATH_MAX)
        let path = [CChar](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            count = buffer.baseAddress.map { _NSGetExecutablePath($0, &size) } == 0 ? Int(size) : 0
        }
        let text = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? nil : URL(filePath: text).resolvingSymlinksInPath().path
        #else
        return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #endif
    }
}
