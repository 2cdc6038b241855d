import SystemPackage

/// The file as it was before the last change, beside it.
enum AWSConfigBackup {
    static func path(of file: FilePath) -> FilePath {
        FilePath(file.string + ".before-creds")
    }
}
