import BursarConsole
import BursarFiles
import SystemPackage

/// A file, or standard input (`-`), read in pieces; unpacked where it is gzip.
struct ByteSource {
    private static let piece = 256 << 10

    /// As messages name it.
    let name: String
    private let path: FilePath?

    init(_ argument: String) {
        name = argument == "-" ? "standard input" : argument
        path = argument == "-" ? nil : FilePath(argument)
    }

    /// Hands over the bytes, piece by piece, to the end.
    ///
    /// - Throws: ``UserFacingError`` that names the file.
    func read(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        var inflation: Inflation?
        var isFirst = true
        do {
            try readAsIs { bytes in
                if isFirst, bytes.starts(with: Inflation.mark.prefix(bytes.count)) { inflation = try Inflation() }
                isFirst = false
                if let inflation { try inflation.append(bytes, take) } else { try take(bytes) }
            }
            try inflation?.finish()
        } catch let fault as Inflation.ParseError {
            switch fault {
            case .damaged: throw UserFacingError("\(name) is damaged, or it is cut off", hint: "fetch it again")
            case .noMemory: throw UserFacingError("\(name) can't be unpacked: there is no memory left")
            }
        }
    }

    private func readAsIs(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = try open()
        defer { if path != nil { try? descriptor.close() } }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do {
                count = try descriptor.read(into: buffer)
            } catch {
                throw unreadable(error)
            }
            guard count > 0 else { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func open() throws(UserFacingError) -> FileDescriptor {
        guard let path else { return .standardInput }
        do {
            return try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        } catch {
            throw unreadable(error)
        }
    }

    private func unreadable(_ error: any Error) -> UserFacingError {
        let cause = (error as? Errno)?.description.lowercased() ?? "it failed"
        return UserFacingError("\(name) can't be read: \(cause)")
    }
}
