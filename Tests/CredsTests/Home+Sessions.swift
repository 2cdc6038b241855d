import BursarFoundation
import BursarModel
import SystemPackage
import Testing

@testable import creds

extension Home {
    /// The path of the one cached session below the home folder; nil if there is none.
    func cacheFile() throws -> String? {
        let files = files.filter { $0.hasPrefix(".cache/bursar/") && $0.hasSuffix(".json") }
        try #require(files.count <= 1)
        return files.first
    }

    /// The cache of the installed profile, also with files of other users.
    func cache() throws -> SessionCache {
        let profile = try #require(text(".config/bursar/temp-bedrock.json"))
        let id = try #require(try /"cacheID" : "(\w+)"/.firstMatch(in: profile)?.1)
        let folder = path.appending(".cache/bursar")
        return SessionCache(folder: folder, id: try #require(CacheID(String(id))))
    }

    /// Stores a session that lives another `left` seconds, of an hour, and is due for renewal.
    func writeDueSession(left: TimeInterval = 300) throws {
        let now = Date()
        let credentials = SessionCredentials(
            accessKeyID: "ASIADUE000000000000",
            secretAccessKey: Secret(String(repeating: "s", count: 40)),
            sessionToken: Secret(String(repeating: "t", count: 300)),
            expiration: now + left
        )
        let session = CachedSession(credentials, obtained: now - (3600 - left), jitter: 0)
        try cache().write(session)
    }

    /// Temporary files that killed runs left.
    var unfinishedFiles: Set<String> {
        files.filter { $0.split(separator: "/").last?.hasPrefix(".bursar-") == true }
    }

    /// Makes them an hour old.
    func ageUnfinishedFiles() {
        for file in unfinishedFiles {
            let attributes = [FileAttributeKey.modificationDate: Date() - 3600]
            try? FileManager.default.setAttributes(attributes, ofItemAtPath: path.appending(file).string)
        }
    }
}
