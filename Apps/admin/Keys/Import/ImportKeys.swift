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

struct ImportKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add researchers from a CSV file, with a key for each.",
        discussion: """
            All of them or none. The first line names the columns, in any order:

              handle, name, email, project   must be there, and filled in each line
              sponsor, note                  who answers for them; anything to remember
              until                          last day of their stay (UTC), 2027-06-30
              label, expires                 of the key; expires is 90d or a last day
              ip, models                     several: in quotes, with commas between
              daily-limit, rate, session     numbers, and 15m to 12h

            The file is UTF-8 as RFC 4180 has it, \(ImportFile.rowLimit) people at most.
            Keys are written to a new file that only you may read: handle, name, email,
            key id, expires, key.

            Examples:
              admin keys import course.csv --dry-run
              admin keys import course.csv --output course-keys.csv --expires 120d
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The CSV file.", completion: .file(), transform: PathOption.read)
    var file: String
    @Option(
        help: ArgumentHelp("Where the keys are written (mode 0600); nothing may be there.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?
    @Option(help: ArgumentHelp("How long keys work, or their last day, where a line doesn't say.", valueName: "end"))
    var expires: String?
    @Flag(help: "Only check the file, and say what would be done.")
    var dryRun = false

    func validate() throws {
        guard dryRun || output != nil else { throw ValidationError("name the file for the keys with --output") }
    }

    func run() throws {
        try shared.run { desk in
            let content = try FileContent.read(FilePath(file), limit: ImportFile.sizeLimit)
            let ends = try KeyEnd(desk)
            let setup = try SetupLines(desk.reader)
            _ = try ends.ofNewKey(expires, "--expires")
            var people = try ImportFile(content, name: file, expires: expires, ends: ends)
            let store = try desk.store()
            people.check(taken: try store.takenHandles())
            for warning in people.warnings.prefix(ImportFile.problemLimit) { desk.terminal.warn(warning) }
            try stop(at: people.problems, on: desk.terminal)
            let count = people.entries.count == 1 ? "1 researcher" : "\(people.entries.count) researchers"
            guard !dryRun, let output else {
                return desk.terminal.note("\(file) is in order: \(count) would be added, with a key each")
            }
            let keys = FilePath(output)
            try desk.checkOutput(keys)
            // Before anything else, so that the keys have a place to go.
            try KeyFile.create(keys, "", at: desk.now)
            do {
                let newcomers = try make(people.entries, writing: keys, on: desk)
                try add(newcomers, to: store, desk, people)
            } catch {
                try? PrivateFile.remove(keys)
                throw error
            }
            desk.terminal.note("added \(count)")
            desk.terminal.note("their keys are in \(keys), and can't be shown again")
            desk.terminal.note("hand each researcher their own, and what they run with it")
            setup.note(on: desk.terminal)
        }
    }

    private func stop(at problems: [Problem], on terminal: Terminal) throws {
        guard !problems.isEmpty else { return }
        for problem in problems.prefix(ImportFile.problemLimit) { terminal.fail(problem) }
        let rest = problems.count - ImportFile.problemLimit
        if rest > 0 { terminal.note("and \(rest) more like these") }
        terminal.note("nothing was imported")
        throw ExitCode.failure
    }

    /// The keys, on disk before they are stored: what can't be handed over helps nobody.
    private func make(_ entries: [ImportFile.Entry], writing path: FilePath, on desk: Desk) throws -> [Newcomer] {
        let secrets = try NewSecrets.make(entries.count, on: desk.terminal)
        var lines = [CSV.line(["handle", "name", "email", "key id", "expires", "key"])]
        var newcomers: [Newcomer] = []
        for (entry, secret) in zip(entries, secrets) {
            let person = entry.researcher
            let key = NewKey(
                id: secret.key.id,
                hash: secret.hash,
                researcher: person.handle,
                label: entry.label,
                expires: entry.ends,
                terms: entry.terms
            )
            newcomers.append(Newcomer(researcher: person, key: key))
            lines.append(
                CSV.line([
                    person.handle.description, person.name, person.email, key.id.description,
                    Timestamp.string(entry.ends), secret.key.text.reveal(),
                ])
            )
        }
        try PrivateFile.write(Array((lines.joined(separator: "\r\n") + "\r\n").utf8), to: path)
        return newcomers
    }

    private func add(_ newcomers: [Newcomer], to store: Store, _ desk: Desk, _ people: ImportFile) throws {
        do {
            try store.add(newcomers, by: desk.act)
        } catch let taken as HandleTaken {
            throw people.taken(taken.handle)
        }
    }
}
