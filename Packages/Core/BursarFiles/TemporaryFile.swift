import SystemPackage

/// The one way a file is written: under a name of its own beside the place it is for, made durable, then renamed over
/// what is there, or linked where nothing is.
///
/// Whatever goes wrong, also after the name was given, nothing of it stays.
enum TemporaryFile {
    /// What the names of unfinished files begin with; the process that writes them follows.
    static let prefix = ".bursar-"

    /// What a place may hold before.
    enum Place {
        /// Whatever is there is replaced.
        case replaced
        /// Nothing, not even a link that leads nowhere.
        case new
    }

    /// Puts `content` at `path`, in a file of mode `0600` that is ours.
    ///
    /// `adopt` gives the file the owner and mode that it is to have; without it the file is for a secret, and refused
    /// before a byte is written where the file system shows it to others.
    static func put(
        _ content: [UInt8],
        at path: FilePath,
        _ place: Place,
        adopt: ((FileDescriptor) throws(FileError) -> Void)?
    ) throws(FileError) {
        guard path.lastComponent != nil else { throw FileError(path, .notAFile) }
        let (temporary, descriptor) = try create(in: path.removingLastComponent())
        do {
            defer { try? descriptor.close() }
            if let adopt { try adopt(descriptor) } else { try makePrivate(descriptor, path: path) }
            try write(content, to: descriptor, path: path)
            try SystemCalls.synchronize(descriptor, path: path)
            try name(temporary, path, place)
        } catch {
            try? SystemCalls.remove(temporary)
            throw error
        }
    }

    /// Gives a finished file its name, for good.
    static func name(_ temporary: FilePath, _ path: FilePath, _ place: Place) throws(FileError) {
        let wasThere = (try? path.stat(followTargetSymlink: false)) != nil
        switch place {
        case .replaced: try SystemCalls.rename(temporary, to: path)
        case .new: try nameNew(temporary, path)
        }
        do {
            try synchronizeFolder(path.removingLastComponent())
        } catch {
            // What was there before can't be had back here: who replaced it writes it once more.
            if !wasThere { try? SystemCalls.remove(path) }
            throw error
        }
    }

    /// Two that want the same new name never replace each other: a link can't, and where there are no links, the name
    /// is taken with an empty file first.
    private static func nameNew(_ temporary: FilePath, _ path: FilePath) throws(FileError) {
        guard let errno = SystemCalls.link(temporary, to: path) else { return try SystemCalls.remove(temporary) }
        guard SystemCalls.noLinks.contains(errno) else { throw FileError(path, errno: errno) }
        do {
            try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            ).close()
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
        do {
            try SystemCalls.rename(temporary, to: path)
        } catch {
            try? SystemCalls.remove(path)
            throw error
        }
    }

    static func create(in folder: FilePath) throws(FileError) -> (FilePath, FileDescriptor) {
        while true {
            let path = folder.appending(newName())
            do {
                let descriptor = try FileDescriptor.open(
                    path,
                    .readWrite,
                    options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: .ownerReadWrite
                )
                return (path, descriptor)
            } catch Errno.fileExists {
                continue
            } catch {
                throw FileError(folder.isEmpty ? "." : folder, errno: error as? Errno ?? .ioError)
            }
        }
    }

    static func newName() -> String {
        TemporaryName.make("\(prefix)\(ProcessMark.current())-")
    }

    /// Some file systems (CIFS, FAT, WSL's /mnt/c) give every file the modes and the owner of their mount: what `chmod`
    /// says is not what counts, but what the file shows afterwards.
    static func makePrivate(_ descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        try SystemCalls.setMode(.ownerReadWrite, of: descriptor, path: path)
        let stat = try descriptor.status(path)
        guard stat.userID == SystemCalls.effectiveUser else { throw FileError(path, .ownersNotKept) }
        guard stat.permissions.isDisjoint(with: .ofOthers) else { throw FileError(path, .modesNotKept) }
    }

    private static func write(_ content: [UInt8], to descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        do {
            try descriptor.writeAll(content)
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
    }

    /// A folder that may be written but not read can't be opened, and many a file system can't synchronize one: then
    /// there is nothing more to do for a name that was given.
    private static func synchronizeFolder(_ folder: FilePath) throws(FileError) {
        let folder = folder.isEmpty ? "." : folder
        let options: FileDescriptor.OpenOptions = [.directory, .closeOnExec]
        guard let descriptor = try? FileDescriptor.open(folder, .readOnly, options: options) else { return }
        defer { try? descriptor.close() }
        try SystemCalls.synchronize(descriptor, path: folder)
    }
}

/// Unique names for temporary files and folders.
package enum TemporaryName {
    /// `prefix` and 64 random bits.
    package static func make(_ prefix: String) -> String {
        prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

extension FilePermissions {
    /// Everything that a group or the others may do.
    static let ofOthers: Self = [.groupReadWriteExecute, .otherReadWriteExecute]
}
