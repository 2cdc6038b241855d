import BursarConsole
import BursarFoundation
import BursarModel
import Vending

/// A line of an import file, being parsed.
struct ImportRow {
    private(set) var values: [ImportColumn: String]
    /// The file and the line, for messages.
    let place: String
    /// The expiry of keys whose line names none.
    let expires: String?
    let ends: KeyExpiry

    /// The problems of the line; one run reports all.
    private(set) var problems: [UserFacingError] = []
    private(set) var warnings: [UserFacingError] = []

    init(values: [ImportColumn: String], place: String, expires: String?, ends: KeyExpiry) {
        self.values = values
        self.place = place
        self.expires = expires
        self.ends = ends
        // `Ada Lovelace <ada@example.edu>` contains the name too.
        if text(.name) == nil, let name = text(.email).flatMap({ Mailbox($0)?.name }) { self.values[.name] = name }
    }

    /// The handle as typed.
    var handle: String { text(.handle) ?? "" }

    /// Returns the entry; nil when there is a problem.
    ///
    /// `known` is the researcher who has the handle already, and gets another key.
    mutating func read(line: Int, _ known: ImportFile.KnownResearcher?) -> ImportFile.Entry? {
        if let known { return read(line: line, keyOf: known) }
        let now = ends.now
        for column in ImportColumn.required where text(column) == nil {
            problems.append(UserFacingError("\(name(column)) is empty"))
        }
        let handle = value(.handle) { text, name throws(UserFacingError) in try ResearcherFields.handle(text, name) }
        let person = value(.name) { text, name throws(UserFacingError) in try ResearcherFields.line(text, name) }
        let email = value(.email) { text, name throws(UserFacingError) in try ResearcherFields.email(text, name) }
        let project = value(.project) { text, name throws(UserFacingError) in try ResearcherFields.line(text, name) }
        let sponsor = value(.sponsor) { text, name throws(UserFacingError) in try ResearcherFields.sponsor(text, name) }
        let note = value(.note) { text, name throws(UserFacingError) in try ResearcherFields.note(text, name) }
        let until = value(.until) { text, name throws(UserFacingError) in try ExpiryParser.day(text, name, from: now) }
        let label = value(.label) { text, name throws(UserFacingError) in try KeyLabel.read(text, name) }
        let keyEnd = keyEnd()
        let terms = terms()
        guard problems.isEmpty, let handle, let person, let email, let project, let keyEnd, let terms else {
            return nil
        }
        let researcher = Researcher(
            handle: handle,
            name: person,
            email: email,
            project: project,
            sponsor: sponsor,
            note: note,
            ends: until
        )
        warnOfStay(until, keyEnd)
        return ImportFile.Entry(
            line: line,
            researcher: researcher,
            isKnown: false,
            project: project,
            label: label,
            ends: keyEnd,
            terms: terms
        )
    }

    /// Returns another key for an existing researcher.
    ///
    /// A line with other details may mean another person, and changes no researcher; its project is the key's.
    private mutating func read(line: Int, keyOf known: ImportFile.KnownResearcher) -> ImportFile.Entry? {
        let person = known.researcher
        let facts: [(ImportColumn, String?)] = [
            (.name, person.name), (.email, person.email), (.sponsor, person.sponsor),
            (.note, person.note), (.until, person.ends.map { ExpiryParser.lastDay(before: $0) }),
        ]
        for (column, fact) in facts {
            guard var text = text(column) else { continue }
            if column == .email { text = (try? ResearcherFields.email(text, name(.email))) ?? text }
            guard text.lowercased() != fact?.lowercased() else { continue }
            let typed = "\(name(column)) \"\(ControlText.brief(text))\""
            problems.append(
                UserFacingError(
                    "\(typed) isn't what is known of \(person.handle): \(fact.map { "\"\($0)\"" } ?? "nothing")",
                    hint: "admin researchers update \(person.handle) changes it; another person needs another handle"
                )
            )
        }
        let project = value(.project) { text, name throws(UserFacingError) in try ResearcherFields.line(text, name) }
        let label = value(.label) { text, name throws(UserFacingError) in try KeyLabel.read(text, name) }
        let keyEnd = keyEnd()
        let terms = terms()
        guard problems.isEmpty, let keyEnd, let terms else { return nil }
        if known.isDisabled {
            warnings.append(
                UserFacingError(
                    "\(place): \(person.handle) is switched off: the key doesn't work",
                    hint: "admin researchers enable \(person.handle)"
                )
            )
        }
        warnOfStay(person.ends, keyEnd)
        return ImportFile.Entry(
            line: line,
            researcher: person,
            isKnown: true,
            project: project.flatMap { $0.lowercased() == person.project.lowercased() ? nil : $0 } ?? person.project,
            label: label,
            ends: keyEnd,
            terms: terms
        )
    }

    /// Warns of an expiry in the line itself that exceeds the stay.
    private mutating func warnOfStay(_ stay: Date?, _ end: Date) {
        guard let stay, stay < end, text(.expires) != nil else { return }
        warnings.append(
            UserFacingError("\(place): the stay ends with \(ExpiryParser.lastDay(before: stay)), and the key with it")
        )
    }

    private mutating func value<Value>(
        _ column: ImportColumn,
        _ parse: (_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> Value
    ) -> Value? {
        guard let text = text(column) else { return nil }
        do {
            return try parse(text, name(column))
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func keyEnd() -> Date? {
        let own = text(.expires)
        do {
            return try ends.ofNewKey(own ?? expires, own == nil ? .option("--expires") : name(.expires))
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func terms() -> KeyRestrictions? {
        let typed = RestrictionsParser(
            ip: text(.ip).map { [$0] } ?? [],
            models: text(.models).map { [$0] } ?? [],
            dailyLimit: value(.dailyLimit) { text, name throws(UserFacingError) in try Self.number(text, name) },
            rate: value(.rate) { text, name throws(UserFacingError) in try Self.number(text, name) },
            session: text(.session),
            place: { [place] in .elsewhere("\(place), column \($0)") }
        )
        let terms: KeyRestrictions
        do {
            terms = try typed.read()
            warnings += typed.warnings(of: terms)
        } catch {
            problems.append(error)
            return nil
        }
        do {
            try terms.checkPolicySize()
        } catch {
            problems.append(UserFacingError("\(name(.models)): \(error.problem)", hint: error.hint))
        }
        return terms
    }

    private func text(_ column: ImportColumn) -> String? {
        guard let text = values[column]?.trimmingBlanks(), !text.isEmpty else { return nil }
        return text
    }

    private func name(_ column: ImportColumn) -> UserFacingError.Place {
        .elsewhere("\(place), column \(column.rawValue)")
    }

    private static func number(_ text: String, _ name: UserFacingError.Place) throws(UserFacingError) -> Int {
        guard let number = Int(text) else {
            throw UserFacingError("\(name) \"\(ControlText.brief(text))\" is not a whole number")
        }
        return number
    }
}

/// The columns of an import file, in the order of the help.
enum ImportColumn: String, CaseIterable {
    case handle, name, email, project
    case sponsor, note, until, label, expires, ip, models
    case dailyLimit = "daily-limit"
    case rate, session

    /// The columns that a new researcher requires.
    static let required: [ImportColumn] = [.handle, .name, .email, .project]

    /// Aliases of columns, letters alone.
    private static let aliases: [String: ImportColumn] = [
        "mail": .email, "emailaddress": .email, "mailaddress": .email,
    ]

    /// Parses a title as spreadsheets spell it: `E-Mail`, `Daily limit`.
    init?(title: String) {
        func letters(_ text: String) -> String { text.lowercased().filter { !" -_".contains($0) } }
        let title = letters(title)
        guard let column = Self.allCases.first(where: { letters($0.rawValue) == title }) ?? Self.aliases[title] else {
            return nil
        }
        self = column
    }
}
