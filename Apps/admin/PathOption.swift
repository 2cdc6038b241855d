import ArgumentParser
import Files
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Paths among the options: `~/` is the home folder where the shell left it, as in `--output=~/report`.
enum PathOption {
    static func read(_ text: String) throws -> String {
        do {
            return try StandardPaths(environment: ProcessInfo.processInfo.environment).path(text).string
        } catch {
            throw ValidationError("\(error.description); \(error.hint)")
        }
    }
}
