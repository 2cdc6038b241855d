import BursarFiles
import BursarFoundation
import Crypto
import SystemPackage

/// `~/.aws/sso/cache`, which all AWS tools share: one file per `sso-session`, named by the SHA-1 of its name (or of the
/// start URL, for profiles without one).
struct SSOTokenCache {
    let folder: FilePath

    static let longestFile = 256 << 10

    /// A refresh is sent once and has 10 seconds.
    static let longestRefresh = Duration.seconds(12)

    func path(of session: String) -> FilePath {
        folder.appending(name(session) + ".json")
    }

    private func name(_ session: String) -> String {
        Hex.string(Insecure.SHA1.hash(data: Array(session.utf8)))
    }

    /// The cached token.
    ///
    /// - Throws: ``CredentialError``: when there is none, or the file isn't what it should be.
    func token(of session: String) throws(CredentialError) -> SSOToken {
        let path = path(of: session)
        let bytes: [UInt8]?
        do {
            bytes = try FileContent.readIfPresent(path, limit: Self.longestFile)
        } catch {
            throw .malformed(source: path.string, detail: error.problem)
        }
        guard let bytes else {
            throw .signedOut(source: "sso session \(session)", detail: "there is no sign-in")
        }
        do {
            return try JSONDecoder().decode(SSOToken.self, from: Data(bytes))
        } catch {
            throw .malformed(source: path.string, detail: CredentialCharacters.problem(error))
        }
    }

    /// Keeps other processes from refreshing the session meanwhile; nil when one of them takes longer than a refresh may.
    ///
    /// - Throws: ``CredentialError`` where nothing can be written, as then a refresh would lose the session.
    func lock(_ session: String) async throws -> FileLock? {
        let path = folder.appending(name(session) + ".lock")
        let deadline = ContinuousClock.now.advanced(by: Self.longestRefresh)
        do {
            return try await FileLock.acquire(path, before: deadline)
        } catch let fault as FileError {
            throw CredentialError.failed(source: path.string, detail: fault.problem)
        }
    }

    /// Puts `token` in the place of the cached one, readable by this user only.
    func store(_ token: SSOToken, of session: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try PrivateFile.write(try encoder.encode(token), to: path(of: session))
    }
}
