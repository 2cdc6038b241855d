import BursarConsole
import BursarFiles
import INIParser
import SystemPackage

/// `~/.aws/config`, `~/.aws/credentials` and the copies of them, read whole.
enum AWSFile {
    /// nil when there is none.
    static func bytes(_ path: FilePath) throws(FileError) -> [UInt8]? {
        try FileContent.readIfPresent(path, limit: INIDocument.longestFile)
    }

    /// A file that AWS's tools read; nil when there is none.
    ///
    /// - Throws: ``FileError``, or ``UserFacingError`` for a file that those tools refuse.
    static func document(_ path: FilePath) throws -> INIDocument? {
        guard let bytes = try bytes(path) else { return nil }
        let document = INIDocument(bytes)
        if let error = document.error { throw error.problem(in: path) }
        return document
    }

    /// What a file of that size leaves to do.
    static func hint(for fault: FileError) -> String? {
        guard fault.reason == .tooLarge(limit: INIDocument.longestFile) else { return nil }
        return "take profiles out of it that are no longer used, or name a shorter file in AWS_CONFIG_FILE"
    }
}

extension INIError {
    /// In words for the person whose file it is.
    func problem(in file: FilePath) -> UserFacingError {
        let place = line.map { "\(file), line \($0)" } ?? file.string
        return UserFacingError("\(place): \(problem)", hint: "\(remedy): the AWS CLI refuses the whole file as it is")
    }
}
