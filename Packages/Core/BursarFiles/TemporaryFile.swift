package import BursarFoundation
package import SystemPackage

/// The only way in which a file is written: under a temporary name in the same folder, synchronized, then renamed over
/// what is there, or linked where nothing is.
///
/// After any failure, also one after the rename, nothing of the file stays.
enum TemporaryFile {
    /// The prefix of unfinished files' names; the writing process follows.
    static let prefix = ".bursar-"

    /// The allowed state of a place before the write.
    enum Place {
        /// Existing content is replaced.
        case replaced
        /// Nothing, not even a link that leads nowhere.
        case new
    }

    /// Puts `content` at `path`, in a file of mode `0600` that belongs to this user.
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
            // The earlier content can't be restored here: the caller that replaced it writes it again.
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

/// The unfinished files of killed runs, beside the files that they were to become: private, but with their content.
package enum AbandonedFiles {
    /// Far longer than the write of a file without a writer's mark takes.
    private static let age: TimeInterval = 600
    /// The same, of one that another machine writes to a folder that both share: a copy of a database takes its time.
    private static let ageElsewhere: TimeInterval = 86_400

    /// Removes those of this user in `folder` that no process writes any longer at `date`.
    ///
    /// A file that can't be checked or removed stays until the next time.
    package static func remove(from folder: FilePath, at date: Date) {
        for path in find(in: folder, at: date) { try? SystemCalls.remove(path) }
    }

    /// Returns those of this user in `folder` that no process writes any longer at `date`.
    package static func find(in folder: FilePath, at date: Date) -> [FilePath] {
        let folder = folder.isEmpty ? "." : folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        return names.filter { $0.hasPrefix(TemporaryFile.prefix) }.sorted().map { folder.appending($0) }
            .filter { isAbandoned($0, at: date) }
    }

    private static func isAbandoned(_ path: FilePath, at date: Date) -> Bool {
        guard let name = path.lastComponent?.string, let stat = try? path.stat(followTargetSymlink: false),
            stat.type == .regular, stat.userID == SystemCalls.effectiveUser
        else { return false }
        let left = date.timeIntervalSince1970 - TimeInterval(SystemCalls.modified(stat))
        guard let writer = ProcessMark(at: name.dropFirst(TemporaryFile.prefix.count)) else { return left > age }
        return writer.isAlive.map { !$0 } ?? (left > ageElsewhere)
    }
}
