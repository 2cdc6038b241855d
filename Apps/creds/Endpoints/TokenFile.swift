import BursarFiles
import BursarModel
import SystemPackage

/// A token where SDKs read it by `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`: a private file without a line end.
///
/// In a file it stays out of every child's environment, where other programs of the user would see it.
struct TokenFile: Sendable {
    let path: FilePath

    init(_ token: Secret<String>, in folder: FilePath) throws(FileError) {
        var generator = SystemRandomNumberGenerator()
        path = folder.appending("serve-\(Base62.random(length: 11, using: &generator)).token")
        try PrivateFolder.create(folder)
        try PrivateFile.write(token.reveal().utf8, to: path)
    }

    func remove() {
        // What is left opens nothing once the endpoint has gone.
        try? PrivateFile.remove(path)
    }
}
