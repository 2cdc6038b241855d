import BursarCore
import FoundationEssentials
import Storage
import Testing
import Vending

/// A database of its own for each test, gone with it.
final class TemporaryStore: Sendable {
    static let now = Date(timeIntervalSince1970: 1_767_323_045)

    let folder: String
    let path: String

    init() {
        let name = "bursar-storage-" + String(UInt64.random(in: .min ... .max), radix: 16)
        folder = FileManager.default.temporaryDirectory.appending(component: name).path(percentEncoded: false)
        path = folder + "/state/bursar.sqlite"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func made() throws -> Store {
        try Store(creating: path)
    }
}

/// A key whose hash is cheap: its strength is not what these tests are about.
func cheapKey() throws -> (key: ResearcherKey, hash: PasswordHash) {
    var random = SystemRandomNumberGenerator()
    let key = ResearcherKey(using: &random)
    let parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
    return (key, try PasswordHash(of: key.text, parameters: parameters, using: &random))
}

extension Store {
    func addAda(_ handle: String = "ada") throws {
        let handle = try #require(Handle(handle))
        let ada = Researcher(handle: handle, name: "Ada", email: "ada@example.edu", project: "engines")
        #expect(try add(ada, at: TemporaryStore.now))
    }

    /// A key of ada's that lives for a day.
    func issueKey(to handle: String = "ada", label: String? = nil) throws -> KeyID {
        let (key, hash) = try cheapKey()
        let end = TemporaryStore.now.addingTimeInterval(86_400)
        let researcher = try addKey(
            key.id,
            hash: hash,
            researcher: try #require(Handle(handle)),
            label: label,
            expires: end,
            at: TemporaryStore.now
        )
        #expect(researcher != nil)
        return key.id
    }

    /// A vend decided from the key's row as it is now.
    func vend(_ id: KeyID, _ number: Int = 1, dailyLimit: Int = 10_000) async throws -> Vend {
        let (record, revision) = try #require(try await key(id))
        return Vend(
            key: record,
            revision: revision,
            dailyLimit: dailyLimit,
            address: try #require(IPAddress("192.0.2.1")),
            accessKeyID: "ASIAEXAMPLE\(number)",
            expiration: TemporaryStore.now.addingTimeInterval(3600),
            requestID: "r\(number)"
        )
    }
}
