import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Dispatch
import Enrollment
import Storage
import Synchronization
import SystemPackage
import Vending

/// The destination of an import's keys: one CSV file, or a folder with two files for each researcher.
///
/// Keys are on disk before they are stored: a stored key that can't be delivered is useless. All files are new and
/// private; when the import fails they are removed.
final class ImportDelivery {
    private enum Place {
        case file(FilePath)
        case folder(FilePath)
    }

    private let place: Place
    private let setup: SetupLines
    private let now: Date
    private var written: [FilePath] = []

    init(output: String?, folder: String?, _ context: AdminContext, _ setup: SetupLines) throws {
        self.setup = setup
        now = context.now
        if let output {
            let path = FilePath(output)
            try context.checkOutput(path)
            place = .file(path)
            // Created first, so that the keys have a destination.
            try create(path, "")
        } else {
            let path = FilePath(folder ?? ".")
            place = .folder(path)
            try PrivateFolder.create(path)
        }
    }

    /// Writes the keys, and returns the entries to store.
    func write(_ entries: [ImportFile.Entry], _ secrets: [NewSecrets.Pair]) throws -> [ImportedResearcher] {
        let pairs = zip(entries, secrets)
        switch place {
        case .file(let path):
            let lines = pairs.map { entry, secret in
                CSV.line([
                    entry.researcher.handle.description, entry.researcher.name, entry.researcher.email,
                    secret.key.id.description, Timestamp.string(entry.worksUntil), secret.key.text.reveal(),
                ])
            }
            let text = ([CSV.line(["handle", "name", "email", "key id", "expires", "key"])] + lines)
                .map { $0 + "\n" }.joined()
            try PrivateFile.write(Array(text.utf8), to: path)
        case .folder(let folder):
            var keys: [String: Int] = [:]
            for entry in entries { keys[entry.researcher.handle.description, default: 0] += 1 }
            for (entry, secret) in pairs {
                let handle = entry.researcher.handle.description
                // The files of a researcher with several keys have distinct names.
                let name = keys[handle] == 1 ? handle : "\(handle).\(secret.key.id)"
                try create(folder.appending(name + ".key"), secret.key.text.reveal() + "\n")
                try create(folder.appending(name + ".txt"), letter(to: entry, key: secret.key.id, file: name + ".key"))
            }
        }
        return pairs.map { entry, secret in
            let key = NewKey(
                id: secret.key.id,
                hash: secret.hash,
                researcher: entry.researcher.handle,
                project: entry.project,
                label: entry.label,
                expires: entry.ends,
                terms: entry.terms
            )
            return ImportedResearcher(researcher: entry.isKnown ? nil : entry.researcher, key: key)
        }
    }

    /// Removes the files, whose keys were never stored.
    func discard() {
        for path in written { try? PrivateFile.remove(path) }
    }

    func note(on terminal: Terminal) {
        switch place {
        case .file(let path):
            terminal.note("their keys are in \(path), and can't be shown again")
            terminal.note("hand each researcher their own, and what they run with it")
            setup.note(on: terminal)
        case .folder(let folder):
            setup.warn(on: terminal)
            terminal.note("in \(folder): a .key and a .txt for each; the keys can't be shown again")
            terminal.note("hand each researcher their own two; then remove the .key files")
        }
    }

    private func create(_ path: FilePath, _ text: String) throws {
        try KeyFile.create(path, text, at: now)
        written.append(path)
    }

    /// The letter that accompanies a key, without the key.
    private func letter(to entry: ImportFile.Entry, key: KeyID, file: String) -> String {
        let person = entry.researcher
        let label = entry.label.map { " (\($0))" } ?? ""
        var lines = [
            "For \(person.name), \(person.email)", "",
            "With the key in \(file) your programs get short-lived AWS credentials for Amazon Bedrock, renewed by "
                + "themselves.",
            "It works until \(Timestamp.string(entry.worksUntil)). Keep it to yourself: what is done with it is done "
                + "in your name.", "", "Handle: \(person.handle)", "Project: \(entry.project)", "Key: \(key)\(label)",
        ]
        if let url = setup.url { lines += ["Server: \(url)", "", "How to get creds, and whom to ask: \(url)"] }
        lines += ["", "On your machine:", ""]
        lines += setup.lines.enumerated().map {
            $0.offset == 0 ? "    \($0.element) --key-file \(file)" : "    \($0.element)"
        }
        lines += ["", "Then remove \(file)."]
        return lines.map { ControlText.visible($0) + "\n" }.joined()
    }
}

/// Many keys with their hashes, computed on all processors: one hash takes some 20 ms.
final class NewSecrets: Sendable {
    typealias Pair = (key: ResearcherKey, hash: PasswordHash)

    private struct State {
        var pairs: [Pair] = []
        var fault: Argon2Error?
    }

    /// The limit of concurrent hashes, each of which takes 19 MiB.
    private static let width = 8
    /// The count from which progress is reported.
    private static let many = 100

    private let count: Int
    private let terminal: Terminal
    private let state = Mutex(State())

    private init(_ count: Int, on terminal: Terminal) {
        self.count = count
        self.terminal = terminal
    }

    /// Makes `count` keys, with progress on standard error for many.
    static func make(_ count: Int, on terminal: Terminal) throws(Argon2Error) -> [Pair] {
        let secrets = NewSecrets(count, on: terminal)
        let workers = max(1, min(width, count, ProcessInfo.processInfo.activeProcessorCount))
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            for _ in stride(from: worker, to: count, by: workers) { secrets.makeOne() }
        }
        let state = secrets.state.withLock { $0 }
        if let fault = state.fault { throw fault }
        return state.pairs
    }

    private func makeOne() {
        guard state.withLock({ $0.fault == nil }) else { return }
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        do {
            let pair = (key: key, hash: try PasswordHash(of: key.text, using: &random))
            let done = state.withLock { state in
                state.pairs.append(pair)
                return state.pairs.count
            }
            if count >= Self.many, done.isMultiple(of: Self.many) { terminal.note("made \(done) of \(count) keys") }
        } catch {
            state.withLock { $0.fault = error }
        }
    }
}
