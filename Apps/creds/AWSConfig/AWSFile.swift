import BursarConsole
import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// `~/.aws/config`, `~/.aws/credentials` and their backups, read whole.
enum AWSFile {
    /// The file's bytes, or nil if it does not exist.
    static func bytes(_ path: FilePath) throws(FileError) -> [UInt8]? {
        try FileContent.readIfPresent(path, limit: INIDocument.longestFile)
    }

    /// The parsed file that AWS's tools read, or nil if it does not exist.
    ///
    /// - Throws: ``FileError``, or ``UserFacingError`` for a file that those tools refuse.
    static func document(_ path: FilePath) throws -> INIDocument? {
        guard let bytes = try bytes(path) else { return nil }
        let document = INIDocument(bytes)
        if let error = document.error { throw error.problem(in: path) }
        return document
    }

    /// The hint for a file that exceeds the size limit.
    static func hint(for fault: FileError) -> String? {
        guard fault.reason == .tooLarge(limit: INIDocument.longestFile) else { return nil }
        return "take profiles out of it that are no longer used, or name a shorter file in AWS_CONFIG_FILE"
    }
}

extension INIError {
    /// The error as shown to the file's owner.
    func problem(in file: FilePath) -> UserFacingError {
        let place = line.map { "\(file), line \($0)" } ?? file.string
        return UserFacingError("\(place): \(problem)", hint: "\(remedy): the AWS CLI refuses the whole file as it is")
    }
}

/// A hash that tells whether a file has changed, without keeping its bytes.
struct Fingerprint: Codable, Equatable, Sendable {
    let count: Int
    private let checksum: UInt32

    init(_ bytes: some Collection<UInt8>) {
        count = bytes.count
        checksum = CRC32.checksum(bytes)
    }
}
