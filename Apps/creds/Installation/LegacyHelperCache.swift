import BursarConsole
import BursarFiles
import SystemPackage

/// The file in which the older Python helper keeps a session: for everyone to read, and for ever.
struct LegacyHelperCache {
    let path: FilePath

    /// nil when there is none.
    init?(home: FilePath) {
        path = home.appending(".aws/credentials_cache_python.json")
        guard (try? path.stat(followTargetSymlink: false).type) == .regular else { return nil }
    }

    func remove() throws(FileError) {
        try PrivateFile.remove(path)
    }

    /// What is said where it stays.
    var warning: UserFacingError {
        UserFacingError(
            "an older helper left credentials in \(path)",
            hint: "if nothing uses it any longer: rm '\(path)'"
        )
    }
}
