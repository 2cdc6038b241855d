import AWSAuth
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import SystemPackage

/// The composition root: the environment, paths, terminal, HTTP transport and clock of a command.
struct CredsContext: Sendable {
    let environment: [String: String]
    /// The name by which this program was called: a path, or a name to be found in `PATH`.
    let programName: String
    /// The folder to which relative paths are relative.
    let workingFolder: @Sendable () -> FilePath
    let paths: StandardPaths
    let terminal: Terminal
    let transport: HTTPTransport
    let now: @Sendable () -> Date

    static func live(calledAs programName: String = "creds") -> CredsContext {
        let environment = ProcessInfo.processInfo.environment
        return CredsContext(
            environment: environment,
            programName: programName,
            workingFolder: { FilePath(FileManager.default.currentDirectoryPath) },
            paths: StandardPaths(environment: environment),
            terminal: Terminal(program: "creds", environment: environment),
            transport: HTTPTransport(environment: environment),
            now: { Date() }
        )
    }

    /// A variable's value; an empty one counts as absent.
    func nonEmpty(_ variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The region that the environment sets, before any config file is read.
    var environmentRegion: String? { RegionSetting.variables.compactMap { nonEmpty($0) }.first }

    func profiles() throws -> ProfileStore {
        ProfileStore(folder: try paths.config().appending("bursar"))
    }

    func cache(_ id: CacheID) throws -> SessionCache {
        SessionCache(folder: try cacheFolder(), id: id)
    }

    func cacheFolder() throws -> FilePath {
        try paths.cache().appending("bursar")
    }

    /// `AWS_CONFIG_FILE`, else `~/.aws/config`.
    func awsConfig() throws -> FilePath {
        try awsFile("AWS_CONFIG_FILE", "config")
    }

    /// `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    func awsCredentials() throws -> FilePath {
        try awsFile("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    /// An absolute path, since it is kept with the profile and read from other folders.
    ///
    /// - Throws: ``UserFacingError`` for a path that SDKs would read literally, and so find no file.
    private func awsFile(_ variable: String, _ name: String) throws -> FilePath {
        guard let value = nonEmpty(variable) else {
            return try paths.home().appending(".aws").appending(name)
        }
        // SDKs expand these too: shells don't inside quotes, and systemd, editors and .env files never do.
        guard let path = PathExpansion(environment: environment).expand(value) else { return FilePath(value) }
        let full = workingFolder().pushing(path)
        if let error = PathError(path.string, at: full) {
            throw UserFacingError("\(variable) is \(error)", hint: "unset \(variable), or \(error.hint)")
        }
        return full
    }
}
