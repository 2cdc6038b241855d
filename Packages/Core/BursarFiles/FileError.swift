import BursarModel
package import SystemPackage

/// The reason why a file or folder can't be used, with its path.
package struct FileError: Error, Equatable, Sendable {
    package let path: FilePath
    package let reason: Reason

    package enum Reason: Equatable, Sendable {
        case missing
        /// A folder, a pipe, a device or a socket is in the place of a file.
        case notAFile
        /// Something else is in the place of a folder.
        case notAFolder
        /// Its mode lets others at a secret.
        case openToOthers
        /// Its mode lets others change what is trusted.
        case writableByOthers
        /// It belongs to another user, so another user could have put it there.
        case foreignOwner
        /// The file system shows private files to other users, so no secret can be stored there.
        case modesNotKept
        /// The file system gives new files to another user, so a file that is read may be another user's.
        case ownersNotKept
        /// Its mode, or that of a folder above it, doesn't let us read it.
        case unreadable
        /// It holds more bytes than what it is for could need.
        case tooLarge(limit: Int)
        /// More symbolic links in a row than the system follows.
        case tooManyLinks
        /// Any other error of the system.
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
extension FileError: CustomStringConvertible {
    package var description: String {
        switch reason {
        case .missing: "\(path): no such file or folder"
        case .notAFile: "\(path): not an ordinary file"
        case .notAFolder: "\(path): not a folder"
        case .openToOthers: "\(path): holds a secret, but others may read or change it"
        case .writableByOthers: "\(path): others may change it"
        case .foreignOwner: "\(path): belongs to another user"
        case .modesNotKept: "\(path): this file system keeps no file modes, so others could read a secret there"
        case .ownersNotKept: "\(path): this file system gives our files to another user"
        case .unreadable: "\(path): permission denied"
        case .tooLarge(let limit): "\(path): larger than \(limit) bytes"
        case .tooManyLinks: "\(path): too many symbolic links"
        case .system(let errno): "\(path): \(errno.description.lowercased())"
        }
    }
}

extension FileError {
    /// The next step, a command where one helps; nil where the system's own word has to do.
    package var hint: String? {
        let word = path.shellWord
        return switch reason {
        case .missing: "check the path"
        case .notAFile: "name an ordinary file, not a folder, a pipe, a socket or a device"
        case .notAFolder, .system(.notDirectory): "what is no folder is in the way: ls -ld \(obstacle.shellWord)"
        case .openToOthers: "chmod 600 \(word)"
        case .writableByOthers: "chmod go-w \(word)"
        case .foreignOwner: takeOverHint(word)
        case .modesNotKept, .ownersNotKept:
            "name a place on a file system that keeps modes and owners; in WSL that is your Linux home, not /mnt/c"
        case .unreadable: unreadableHint(word)
        case .tooLarge: "is it the right file? ls -l \(word)"
        case .tooManyLinks, .system(.tooManySymbolicLinkLevels):
            "ls -l \(word) shows where the first of the links leads"
        case .system(.permissionDenied), .system(.notPermitted):
            "it can't be written: ls -ld \(word) \(folder.shellWord) shows who may"
        case .system(.readOnlyFileSystem): "it is mounted read-only; name another place"
        case .system(.noSpace), .system(.diskQuotaExceeded):
            "make room on the disk, then try again; nothing was lost"
        case .system(.resourceBusy): "it is a mount of its own, as containers make them: mount its folder instead"
        case .system(.fileNameTooLong): "name a shorter one"
        case .system(.isDirectory): "there is a folder of that name: ls -ld \(word)"
        case .system(.tooManyOpenFiles), .system(.tooManyOpenFilesInSystem): "ulimit -n 1024"
        case .system: nil
        }
    }

    private var folder: FilePath { path.removingLastComponent().isEmpty ? "." : path.removingLastComponent() }

    /// The first thing on the way to the file that is no folder.
    private var obstacle: FilePath {
        var found = path
        var above = path
        while above.lastComponent != nil {
            above.removeLastComponent()
            if let stat = try? above.stat(), stat.type != .directory { found = above }
        }
        return found
    }

    /// The cause of a permission that is denied.
    package enum Denial {
        /// Our own file, whose mode denies it.
        case mode
        /// Another user's file.
        case owner
        /// A folder above a file that can't be checked.
        case folder
    }

    package var denial: Denial {
        guard let stat = try? path.stat() else { return .folder }
        return stat.userID == SystemCalls.effectiveUser ? .mode : .owner
    }

    /// The command that takes another user's file over, which is no remedy where the file is another's on purpose.
    private func takeOverHint(_ word: String) -> String {
        #"sudo chown "$(id -un)" \#(word), \#(Self.takeOverCondition)"#
    }

    /// The condition under which a file of another user's is to be taken over.
    package static let takeOverCondition = "if it is to be yours"

    private func unreadableHint(_ word: String) -> String {
        switch denial {
        case .mode: "chmod u+r \(word)"
        case .owner: takeOverHint(word)
        case .folder: "a folder above it keeps you out: namei -l \(word)"
        }
    }
}

extension FilePath {
    /// One word of a command line, quoted where a shell needs it.
    package var shellWord: String {
        let isPlain = !isEmpty && string.utf8.allSatisfy { $0.isASCIILetterOrDigit || "/._-+:@%".utf8.contains($0) }
        return isPlain ? string : "'" + string.replacing("'", with: #"'\''"#) + "'"
    }
}
