import ArgumentParser
import BursarCore
import Console
import Files
import Storage
import SystemPackage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct IssueKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Make a key for a researcher, and show it once.",
        discussion: """
            The key is printed on standard output, or written to a file that only you may read. Only its hash is kept,
            so it can't be shown again.

            Examples:
              admin keys issue ada --label laptop
              admin keys issue ada --expires 30d --key-file ada.key
              admin keys issue ada --ip 192.0.2.0/24 --models 'anthropic.claude-*' --daily-limit 500 --session 4h
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.")
    var handle: String
    @Option(help: "What the key is for, shown in lists.")
    var label: String?
    @Option(help: "How long it works: 90d, 12h.")
    var expires = "90d"
    @OptionGroup(title: "What it allows") var terms: TermsOptions
    @Option(help: ArgumentHelp("Write the key here (mode 0600) instead of printing it.", valueName: "file"))
    var keyFile: String?

    func run() throws {
        try shared.run { desk in
            guard let span = TimeSpan(expires), span.seconds > 0 else {
                throw Problem("\"\(expires)\" is not a length of time", hint: "write it as 90d or 12h")
            }
            guard label?.utf8.count ?? 0 <= 128 else { throw Problem("--label is longer than 128 bytes") }
            let terms = try terms.terms { desk.terminal.warn($0) }
            var random = SystemRandomNumberGenerator()
            let key = ResearcherKey(using: &random)
            let end = desk.now.addingTimeInterval(TimeInterval(span.seconds))
            let file = try write(key)
            let researcher: String
            do {
                researcher = try add(key, terms, until: end, to: desk, using: &random)
            } catch {
                if let file { try? PrivateFile.remove(file) }
                throw error
            }
            if let file { desk.terminal.note("wrote \(file)") } else { try print(key, on: desk.terminal) }
            desk.terminal.note("key \(key.id) for \(researcher), until \(Timestamp.string(end)); it is not shown again")
            desk.terminal.note("on their machine: creds install --url https://YOUR-SERVER")
        }
    }

    private func add(
        _ key: ResearcherKey,
        _ terms: KeyTerms,
        until end: Date,
        to desk: Desk,
        using random: inout SystemRandomNumberGenerator
    ) throws -> String {
        let store = try desk.store()
        let unknown = Problem("there is no researcher \"\(handle)\"", hint: "admin researchers list shows them")
        guard let known = Handle(handle) else { throw unknown }
        let hash = try PasswordHash(of: key.text, using: &random)
        let researcher = try store.addKey(
            key.id,
            hash: hash,
            researcher: known,
            label: label,
            expires: end,
            terms: terms,
            by: desk.act
        )
        guard let researcher else { throw unknown }
        return researcher
    }

    /// Writes the key where it was asked for, before it is stored: a key that can't be handed over helps nobody.
    private func write(_ key: ResearcherKey) throws -> FilePath? {
        guard let keyFile else { return nil }
        guard !FileManager.default.fileExists(atPath: keyFile) else {
            throw Problem("there is a file at \(keyFile) already", hint: "name a new one")
        }
        let path = FilePath(keyFile)
        try PrivateFile.write(Array((key.text.reveal() + "\n").utf8), to: path)
        return path
    }

    private func print(_ key: ResearcherKey, on terminal: Terminal) throws(Problem) {
        do {
            try terminal.print(key.text.reveal())
        } catch {
            throw Problem("the key could not be printed", hint: "admin keys revoke \(key.id) --reason lost --yes")
        }
    }
}
