package import SystemPackage

/// Why a file or folder can't be used, and which one.
package struct FileFault: Error, Equatable, Sendable {
    package let path: FilePath
    package let reason: Reason

    package enum Reason: Equatable, Sendable {
        case missing
        /// A folder, a pipe, a device or a socket stands where a file is meant.
        case notAFile
        /// Something else stands where a folder is meant.
        case notAFolder
        /// Its mode lets others at a secret.
        case openToOthers
        /// Its mode lets others change what is trusted.
        case writableByOthers
        /// It belongs to another user, so another user could have put it there.
        case foreignOwner
        /// It holds more bytes than what it is for could need.
        case tooLarge(limit: Int)
        /// More symbolic links in a row than the system follows.
        case tooManyLinks
        /// Whatever else the system said.
        case system(Errno)
    }

    package init(_ path: FilePath, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// A system call's error, the usual one of them by its own name.
    init(_ path: FilePath, errno: Errno) {
        self.init(path, errno == .noSuchFileOrDirectory ? .missing : .system(errno))
    }
}

/// The path first, then what is wrong with it, in words for people.
extension FileFault: CustomStringConvertible {
    package var description: String {
        switch reason {
        case .missing: "\(path): no such file or folder"
        case .notAFile: "\(path): not an ordinary file"
        case .notAFolder: "\(path): not a folder"
        case .openToOthers: "\(path): holds a secret, but others may read or change it"
        case .writableByOthers: "\(path): others may change it"
        case .foreignOwner: "\(path): belongs to another user"
        case .tooLarge(let limit): "\(path): larger than \(limit) bytes"
        case .tooManyLinks: "\(path): too many symbolic links"
        case .system(let errno): "\(path): \(errno.description.lowercased())"
        }
    }
}
