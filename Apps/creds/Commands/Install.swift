import ArgumentParser
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import SystemPackage

/// Installs a profile.
struct Install: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set up a profile that renews its own credentials.",
        discussion: """
              creds install --url https://bursar.example.org
              creds install --url https://bursar.example.org --dry-run

            Asks for the key, or reads it from standard input, and checks it against the server before anything \
            is written. Then ~/.aws/config gets a section that runs creds; the rest of that file stays as it is.

            With a password manager, the key need not be stored here:
              --key-command 'security find-generic-password -s bursar -w'     (macOS)
              --key-command 'secret-tool lookup service bursar'               (Linux)
              --key-command 'op read op://private/bursar/key'                 (1Password)
              --key-command 'pass show bursar'                                (pass)

            AWS_GET_TEMP_CREDS_API_URL and AWS_GET_TEMP_CREDS_API_KEY count where an option is absent.
            """
    )

    @Option(help: "The server's address, from your operator.")
    var url: String?
    @Option(
        help: ArgumentHelp("Read the key from a file that only you can read.", valueName: "file"),
        completion: .file()
    )
    var keyFile: String?
    @Option(help: ArgumentHelp("Run this to get the key, each time it is needed.", valueName: "command"))
    var keyCommand: String?
    @OptionGroup var profile: ProfileOption
    @Option(help: "The region that the profile uses.", transform: AWSRegion.parse)
    var region: AWSRegion?
    @Flag(help: "Show what would change in ~/.aws/config, and change nothing; the server is asked all the same.")
    var dryRun = false
    @Flag(help: "Replace a section of that name that is there already.")
    var replace = false
    @Flag(help: "Take an older helper's entry out of ~/.aws/credentials, where it would win, without being asked.")
    var takeOver = false

    func validate() throws {
        guard keyFile == nil || keyCommand == nil else {
            throw ValidationError("--key-file and --key-command say two things; give one")
        }
    }

    func run(_ context: CredsContext) async throws {
        let server = try server(context)
        do {
            try await install(server, context)
        } catch let error as ValidationError {
            throw error
        } catch {
            throw CredsErrorMessages(profile: profile.name, server: server).problem(error)
        }
    }

    private func install(_ server: ServerURL, _ context: CredsContext) async throws {
        var installation = Installation(
            name: profile.name,
            region: region?.description,
            replaces: replace,
            takesOver: takeOver || dryRun,
            store: try context.profiles(),
            awsConfig: try context.awsConfig(),
            awsCredentials: try context.awsCredentials(),
            executable: try ExecutablePath.current(
                calledAs: context.programName,
                search: context.environment["PATH"]
            ),
            cacheFolder: try context.cacheFolder()
        )
        try LegacyHelperPrompt(isAgreed: takeOver).agree(&installation)
        // Problems with the files are reported before a key is requested.
        _ = try installation.plan()
        try checkPlace(of: installation.store, context)
        let source = try keySource(server, context)
        let response = try await check(source, server, context)
        context.terminal.note("\(server) knows this key: \(response.researcher), until \(response.keyExpires)")
        let missing = installation.missingFolders()
        do {
            try await installation.store.whileLocked {
                let plan = try installation.plan()
                guard !dryRun else { return try show(plan, installation, context) }
                let stored = try installation.apply(plan, server: server, key: source, newFolders: missing)
                if let old = plan.installed, old.cacheID != stored.cacheID {
                    try context.cache(old.cacheID).removeAll()
                }
                report(plan, stored, installation.awsConfig, context)
                if let rival = plan.rivalRegion { context.terminal.warn(installation.warning(of: rival)) }
                let files = [installation.awsConfig, installation.awsCredentials]
                AbandonedCopies.remove(besides: files, installation.store, at: context.now())
            }
        } catch {
            missing.forEach(PrivateFolder.removeIfEmpty)
            throw error
        }
        for warning in EnvironmentWarnings.warnings(context.environment, profile: profile.name) {
            context.terminal.warn(warning)
        }
        guard !dryRun else { return missing.forEach(PrivateFolder.removeIfEmpty) }
        try LegacyHelperPrompt(isAgreed: takeOver).clearCache(context)
        warn(context)
    }

    /// Checks, before a key is requested, that it could be stored, and reports limitations of the file system.
    private func checkPlace(of store: ProfileStore, _ context: CredsContext) throws {
        guard let traits = FolderTraits.try(store.folder) else { return }
        if let fault = traits.fault(for: store.folder) { throw fault }
        guard !traits.synchronizes else { return }
        context.terminal.warn(
            UserFacingError(
                "the file system of \(store.folder) doesn't say when a file is on the disk",
                hint: "after a power cut: creds doctor\(profile.name.option)"
            )
        )
    }

    private func check(_ source: KeySource, _ server: ServerURL, _ context: CredsContext) async throws -> WhoAmIResponse
    {
        let key = try await source.key(within: KeySource.timeout)
        return try await BursarClient(server: server, transport: context.transport).whoami(key: key.text)
    }

    private func show(_ plan: Installation.Plan, _ installation: Installation, _ context: CredsContext) throws {
        if let rival = plan.rivalRegion { context.terminal.warn(installation.warning(of: rival)) }
        let file = installation.awsConfig
        if plan.changesConfig {
            let diff = ConfigDiff.text(path: file.string, before: plan.before ?? [], after: plan.edit.content)
            try context.terminal.print(diff)
        } else {
            context.terminal.note("\(file) says it already; nothing would change there")
        }
        guard let takeOver = plan.takeOver else { return }
        let path = installation.awsCredentials.string
        try context.terminal.print(ConfigDiff.text(path: path, before: takeOver.before, after: takeOver.after))
    }

    private func report(
        _ plan: Installation.Plan,
        _ stored: StoredProfile,
        _ file: FilePath,
        _ context: CredsContext
    ) {
        let terminal = context.terminal
        if let installed = plan.installed, installed.key != stored.key {
            terminal.note("profile \(profile.name) has the new key now")
        }
        if let keyFile, let copy = try? context.paths.path(keyFile) {
            // `/dev/stdin` leads to the shell's standard input.
            let isFile = !copy.starts(with: "/dev") && !copy.starts(with: "/proc")
            let next = isFile ? "; \(copy) is not needed any longer: rm \(copy.shellWord)" : ""
            terminal.note("the key is kept with the profile\(next)")
        }
        if plan.changesConfig {
            terminal.note("\(file) has \(profile.name.configHeader) now")
            if plan.before != nil { terminal.note("as it was before: \(AWSConfigBackup.path(of: file))") }
        } else {
            terminal.note("\(file) had \(profile.name.configHeader) already")
        }
        guard let file = plan.takeOver.map({ FilePath($0.entry.file) }) else { return }
        terminal.note("the older helper's entry [\(profile.name)] is out of \(file); creds uninstall puts it back")
        terminal.note("as it was before: \(AWSConfigBackup.path(of: file))")
    }

    private func warn(_ context: CredsContext) {
        if let session = try? ProfileSession(profile.name, context), session.region == nil {
            context.terminal.warn(
                UserFacingError(
                    "no region is set, and clients need one",
                    hint: "run this again with --region us-east-1 (or yours), or export AWS_DEFAULT_REGION=us-east-1"
                )
            )
        }
        context.terminal.note("next: aws sts get-caller-identity --profile \(profile.name)")
    }
}

extension Install {
    private func server(_ context: CredsContext) throws -> ServerURL {
        guard let text = url ?? context.nonEmpty("AWS_GET_TEMP_CREDS_API_URL") else {
            throw ValidationError("--url is missing: the server's address, from your operator")
        }
        do {
            return try ServerURL(parsing: text)
        } catch {
            let problem = CredsErrorMessages.problem(error)
            guard url == nil else { throw UserFacingError.misuse(problem.problem, hint: problem.hint) }
            // Text before @ may be a password.
            let value = text.contains("@") ? "" : " is \"\(text.prefix(80))\""
            throw UserFacingError("AWS_GET_TEMP_CREDS_API_URL\(value): \(problem.problem)", hint: problem.hint)
        }
    }

    private func keySource(_ server: ServerURL, _ context: CredsContext) throws -> KeySource {
        if let keyCommand { return .command(keyCommand) }
        let bytes: Secret<[UInt8]>
        if let keyFile {
            bytes = try content(ofKeyFile: context.paths.path(keyFile), server)
        } else if let key = context.nonEmpty("AWS_GET_TEMP_CREDS_API_KEY") {
            bytes = Secret(Array(key.utf8))
        } else {
            bytes = try SecretInput.bytes(prompt: "Key for \(server): ")
        }
        return .stored(try PastedKey.read(bytes.reveal()).text)
    }

    private func content(ofKeyFile path: FilePath, _ server: ServerURL) throws -> Secret<[UInt8]> {
        do throws(FileError) {
            return Secret(try PrivateFile.read(path, limit: 16 << 10))
        } catch {
            guard error.reason == .notAFile else { throw error }
            throw UserFacingError(
                "\(path): not an ordinary file",
                hint: "pipe the key in instead: COMMAND | creds install --url \(server)"
            )
        }
    }
}
