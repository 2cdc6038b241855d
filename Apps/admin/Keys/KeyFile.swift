import Console
import Files
import SystemPackage

/// Where new keys are written: a file of mode `0600` that wasn't there before.
enum KeyFile {
    static func create(_ path: FilePath, _ text: String) throws {
        do throws(FileFault) {
            try PrivateFile.create(path, text.utf8)
        } catch {
            guard error.reason == .system(.fileExists) else { throw error }
            throw Problem("there is a file at \(path) already", hint: "name a new one")
        }
    }
}
