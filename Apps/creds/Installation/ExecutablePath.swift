import Console
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#endif

/// Where the running program is.
enum ExecutablePath {
    /// The absolute path, symbolic links resolved.
    static func current() throws(Problem) -> String {
        guard let path = try? find() else {
            throw Problem("the path of this program can't be found", hint: "is /proc mounted?")
        }
        return path
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
