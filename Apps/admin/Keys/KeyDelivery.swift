import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import Reports
import ServerSettings
import Storage
import SystemPackage
import Vending

/// The delivery of a new key: the same options for all commands that make one.
struct KeyDelivery: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the key here (mode 0600) instead of printing it.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var keyFile: String?
    @Option(help: "text, or json with the key, its end and the set-up lines.")
    var format = ReportFormat.text
    @Flag(help: "Say nothing but the key, and what is wrong.")
    var quiet = false

    /// A key that is about to be stored.
    struct Draft {
        let key: ResearcherKey
        let researcher: String
        let label: String?
        /// The key's own expiry.
        let ends: Date
        /// The end of the researcher's stay.
        let stay: Date?
        /// nil for a key that isn't meant to be installed.
        let setup: SetupLines?

        /// The note that is printed once the key is stored.
        var news: String {
            let end = Timestamp.string(worksUntil) + (worksUntil < ends ? ", with their stay" : "")
            return "key \(key.id) for \(researcher), until \(end); it is not shown again"
        }

        var worksUntil: Date { min(ends, stay ?? .distantFuture) }
    }

    /// Delivers the key, then stores it: a stored key that can't be delivered is useless.
    ///
    /// When storing fails, the key's file is removed, or a warning says that the printed key doesn't work.
    func deliver(
        _ draft: Draft,
        on context: AdminContext,
        store: (PasswordHash) throws -> Void
    ) throws {
        if let keyFile {
            try context.checkOutput(FilePath(keyFile))
            try KeyFile.check(FilePath(keyFile))
        }
        var random = SystemRandomNumberGenerator()
        let hash = try PasswordHash(of: draft.key.text, using: &random)
        let file = try write(draft.key, at: context.now)
        if file == nil || format == .json { try print(draft, on: context.terminal) }
        do {
            try store(hash)
        } catch {
            if let file { try? PrivateFile.remove(file) }
            if file == nil {
                context.terminal.warn(UserFacingError("the key that was printed is not stored: it does not work"))
            }
            throw error
        }
        if let file, !quiet { context.terminal.note("wrote \(file)") }
    }

    /// Delivers and stores a researcher's new key, which has no predecessor.
    ///
    /// - Throws: ``UserFacingError`` when the researcher was deleted in the meantime.
    func issue(
        _ draft: Draft,
        to researcher: Handle,
        project: String? = nil,
        _ restrictions: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false,
        in store: Store,
        on context: AdminContext
    ) throws {
        try deliver(draft, on: context) { hash in
            let new = NewKey(
                id: draft.key.id,
                hash: hash,
                researcher: researcher,
                project: project,
                label: draft.label,
                expires: draft.ends,
                terms: restrictions,
                isCanary: isCanary
            )
            guard try store.administration.add(new, by: context.act) != nil else {
                throw UserFacingError("\(researcher) is gone")
            }
        }
    }

    /// Prints a note for people, unless --quiet is given.
    func note(_ text: String, on terminal: Terminal) {
        if !quiet { terminal.note(text) }
    }

    /// Prints the researcher's commands.
    func note(_ setup: SetupLines, on terminal: Terminal) {
        if !quiet { setup.note(on: terminal) }
    }

    private func write(_ key: ResearcherKey, at now: Date) throws -> FilePath? {
        guard let keyFile else { return nil }
        let path = FilePath(keyFile)
        try KeyFile.create(path, key.text.reveal() + "\n", at: now)
        return path
    }

    private func print(_ draft: Draft, on terminal: Terminal) throws {
        do {
            switch format {
            case .text: try terminal.print(draft.key.text.reveal())
            case .json: try terminal.print(try JSONText.of(Shown(draft, keyFile: keyFile)))
            }
        } catch is UserFacingError {
            throw UserFacingError(
                "the key could not be printed, so none was made",
                hint: "try again, or use --key-file"
            )
        }
    }

    private struct Shown: Encodable {
        let key: String?
        let keyFile: String?
        let id: String
        let researcher: String
        let label: String?
        let expires: String
        let url: String?
        let setup: [String]?

        init(_ draft: Draft, keyFile: String?) {
            key = keyFile == nil ? draft.key.text.reveal() : nil
            self.keyFile = keyFile
            id = draft.key.id.description
            researcher = draft.researcher
            label = draft.label
            expires = Timestamp.string(draft.worksUntil)
            url = draft.setup?.url
            setup = draft.setup.flatMap { $0.url == nil ? nil : $0.lines }
        }
    }
}

/// The file of a new key: mode `0600`, never an existing file.
enum KeyFile {
    /// Checks, before a key is made, that the path is free and that a file there would be private.
    static func check(_ path: FilePath) throws {
        // A dangling link counts as taken, too.
        if let stat = try? path.stat(followTargetSymlink: false) { throw taken(path, by: stat.type) }
        let folder = path.removingLastComponent()
        let isThere = folder.isEmpty || (try? folder.stat())?.type == .directory
        guard isThere else { throw FileError(folder, .missing) }
        if let fault = FolderTraits.try(folder)?.fault(for: path) { throw fault }
    }

    /// Creates the file, and removes what an interrupted command left there.
    static func create(_ path: FilePath, _ text: String, at now: Date) throws {
        AbandonedFiles.remove(from: path.removingLastComponent(), at: now)
        do throws(FileError) {
            try PrivateFile.create(path, text.utf8)
        } catch {
            guard error.reason == .system(.fileExists) else { throw error }
            throw taken(path, by: (try? path.stat(followTargetSymlink: false).type) ?? .regular)
        }
    }

    private static func taken(_ path: FilePath, by type: FileType) -> UserFacingError {
        switch type {
        case .regular, .directory: UserFacingError("there is a file at \(path) already", hint: "name a new one")
        default:
            UserFacingError(
                "\(path) is no file of its own",
                hint: "name a new one, or leave it out: keys are printed then"
            )
        }
    }
}

/// The researcher's commands, ready to run.
struct SetupLines {
    /// The server's URL; nil when no setting names it.
    let url: String?
    /// The commands, with a placeholder for a missing URL.
    let lines: [String]

    init(_ reader: SettingReader) throws(UserFacingError) {
        url = try KeyRules(reader).publicURL?.description
        let region = reader.text(.region).map { " --region \($0)" } ?? ""
        lines = [
            "creds install --url \(url ?? "https://YOUR-SERVER")\(region)", "export AWS_PROFILE=temp-bedrock",
        ]
    }

    /// Warns of a placeholder in the lines.
    func warn(on terminal: Terminal) {
        guard url == nil else { return }
        terminal.warn(
            UserFacingError(
                "no setting says the server's public URL, so the set-up lines have a placeholder",
                hint: "set \(Setting.publicURL.environmentName)=https://…"
                    + " (\(Setting.publicURL.rawValue) in the settings file)"
            )
        )
    }

    func note(on terminal: Terminal) {
        warn(on: terminal)
        for (index, line) in lines.enumerated() {
            terminal.note(index == 0 ? "on their machine: \(line)" : "then: \(line)")
        }
        terminal.note("creds install asks for the key, or reads it with --key-file FILE")
    }
}
