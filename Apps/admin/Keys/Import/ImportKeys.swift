import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import SystemPackage
import Vending

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

            The file is UTF-8 with commas, semicolons or tabs between the columns,
            \(ImportFile.rowLimit) people at most. --folder writes two files for each person: HANDLE.key
            (the key alone) and HANDLE.txt (what they run with it). --output writes all
            into one CSV file: handle, name, email, key id, expires, key. Either is for
            your eyes only.

            A line of somebody who is known already stops it, unless --skip-existing or
            --add-keys says what is meant. With --add-keys the handle is enough; a project
            in the line is then that of the key, and the researcher's stays as it is.

            Examples:
              admin keys import course.csv --dry-run
              admin keys import course.csv --folder keys --expires 120d
              admin keys import course.csv --folder late --skip-existing
              admin keys import again.csv --output more-keys.csv --add-keys
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The CSV file.", completion: .file(), transform: PathOption.read)
    var file: String
    @Option(
        help: ArgumentHelp("Write the keys into this new CSV file (mode 0600).", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?
    @Option(
        help: ArgumentHelp("Write a key and a text for each person into this folder.", valueName: "folder"),
        transform: PathOption.read
    )
    var folder: String?
    @Option(help: ArgumentHelp("How long keys work, or their last day, where a line doesn't say.", valueName: "end"))
    var expires: String?
    @Flag(help: "Pass over lines of people who are known already.")
    var skipExisting = false
    @Flag(help: "Give people who are known already another key.")
    var addKeys = false
    @Flag(help: "Only check the file, and say what would be done.")
    var dryRun = false

    func validate() throws {
        guard dryRun || output != nil || folder != nil else {
            throw ValidationError("say where the keys go: --folder FOLDER, or --output FILE")
        }
        guard output == nil || folder == nil else { throw ValidationError("--folder or --output, not both") }
        guard !skipExisting || !addKeys else { throw ValidationError("--skip-existing or --add-keys, not both") }
    }

    func run() throws {
        try shared.run { context in
            let content = try FileContent.read(FilePath(file), limit: ImportFile.sizeLimit)
            let ends = try context.keyExpiry()
            let setup = try SetupLines(context.reader)
            _ = try ends.ofNewKey(expires, .option("--expires"))
            let store = try context.store()
            let known = try store.lists.listedResearchers(at: context.now).map {
                listed in
                (
                    listed.researcher.handle.description.lowercased(),
                    ImportFile.KnownResearcher(listed.researcher, isDisabled: listed.disabled != nil)
                )
            }
            let people = try ImportFile(
                content,
                name: file,
                expires: expires,
                ends: ends,
                known: Dictionary(known) { first, _ in first },
                skipExisting ? .skipped : addKeys ? .givenKeys : .refused
            )
            for warning in people.warnings.prefix(ImportFile.problemLimit) { context.terminal.warn(warning) }
            let owners = try store.lists.sessionOwners()
            let mistakable = people.entries.filter { entry in
                !entry.isKnown && owners.owner(of: entry.researcher.handle.description)?.key != nil
            }
            try stop(at: people.problems + mistakable.map(people.sessionName), on: context.terminal)
            if people.skipped > 0 {
                context.terminal.note(
                    "passed over: \(Self.count(people.skipped, "line")) of people who are known already"
                )
            }
            guard !people.entries.isEmpty else { return context.terminal.note("nothing is left to import") }
            guard !dryRun else {
                return context.terminal.note("\(file) is in order: \(Self.summary(people)) would be added")
            }
            let delivery = try ImportDelivery(output: output, folder: folder, context, setup)
            do {
                let secrets = try NewSecrets.make(people.entries.count, on: context.terminal)
                let newcomers = try delivery.write(people.entries, secrets)
                try add(newcomers, to: store, context, people)
            } catch {
                delivery.discard()
                throw error
            }
            context.terminal.note("added \(Self.summary(people))")
            delivery.note(on: context.terminal)
        }
    }

    private func stop(at problems: [UserFacingError], on terminal: Terminal) throws {
        guard !problems.isEmpty else { return }
        for problem in problems.prefix(ImportFile.problemLimit) { terminal.fail(problem) }
        let rest = problems.count - ImportFile.problemLimit
        if rest > 0 { terminal.note("and \(rest) more like these") }
        terminal.note("nothing was imported")
        throw ExitCode.failure
    }

    private func add(_ newcomers: [ImportedResearcher], to store: Store, _ context: AdminContext, _ people: ImportFile)
        throws
    {
        do {
            try store.administration.add(newcomers, by: context.act)
        } catch let conflict as ImportConflictError {
            throw people.problem(conflict)
        }
    }

    /// `12 researchers with a key each`, `3 keys of known researchers`, or both.
    private static func summary(_ people: ImportFile) -> String {
        let keys = people.entries.count(where: \.isKnown)
        let researchers = people.entries.count - keys
        let words = [
            researchers == 0 ? nil : count(researchers, "researcher") + " with a key each",
            keys == 0 ? nil : count(keys, "key") + " of known researchers",
        ]
        return words.compactMap(\.self).joined(separator: " and ")
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

extension ImportFile {
    /// The message for a conflict that the database found.
    fileprivate func problem(_ conflict: ImportConflictError) -> UserFacingError {
        switch conflict {
        case .handleTaken(let handle):
            taken(handle.description, entries.first { $0.researcher.handle == handle }?.line ?? 0)
        case .unknown(let handle): UserFacingError("\(handle) is gone", hint: "import the file again")
        }
    }
}
