import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import Vending

/// One line of a file of keys, to be read.
struct ImportRow {
    private(set) var values: [ImportColumn: String]
    /// The file and the line, for messages.
    let place: String
    /// When keys end whose line doesn't say.
    let expires: String?
    let ends: KeyExpiry

    /// What is wrong with it: one run tells all.
    private(set) var problems: [UserFacingError] = []
    private(set) var warnings: [UserFacingError] = []

    init(values: [ImportColumn: String], place: String, expires: String?, ends: KeyExpiry) {
        self.values = values
        self.place = place
        self.expires = expires
        self.ends = ends
        // `Ada Lovelace <ada@example.edu>` has the name too.
        if text(.name) == nil, let name = text(.email).flatMap({ Mailbox($0)?.name }) { self.values[.name] = name }
    }

    /// As it stands there.
    var handle: String { text(.handle) ?? "" }

    /// What it asks for; nil when there is a problem.
    ///
    /// `known` is who has the handle already, and is to have another key.
    mutating func read(line: Int, _ known: ListedResearcher?) -> ImportFile.Entry? {
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
            label: label,
            ends: keyEnd,
            terms: terms
        )
    }

    /// A file that says something else of them may mean somebody else, and changes nobody.
    private mutating func read(line: Int, keyOf known: ListedResearcher) -> ImportFile.Entry? {
        let person = known.researcher
        let facts: [(ImportColumn, String?)] = [
            (.name, person.name), (.email, person.email), (.project, person.project), (.sponsor, person.sponsor),
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
                    hint: "admin researchers update \(person.handle) changes it; somebody else needs another handle"
                )
            )
        }
        let label = value(.label) { text, name throws(UserFacingError) in try KeyLabel.read(text, name) }
        let keyEnd = keyEnd()
        let terms = terms()
        guard problems.isEmpty, let keyEnd, let terms else { return nil }
        if known.disabled != nil {
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
            label: label,
            ends: keyEnd,
            terms: terms
        )
    }

    /// Where the line itself asks for a key that outlives the stay.
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

/// What a file of newcomers may say of each; the help lists them in this order.
enum ImportColumn: String, CaseIterable {
    case handle, name, email, project
    case sponsor, note, until, label, expires, ip, models
    case dailyLimit = "daily-limit"
    case rate, session

    /// What must be filled in of somebody who isn't known yet.
    static let required: [ImportColumn] = [.handle, .name, .email, .project]

    /// Other names of columns, of letters alone.
    private static let aliases: [String: ImportColumn] = [
        "mail": .email, "emailaddress": .email, "mailaddress": .email,
    ]

    /// A title as spreadsheets spell it: `E-Mail`, `Daily limit`.
    init?(title: String) {
        func letters(_ text: String) -> String { text.lowercased().filter { !" -_".contains($0) } }
        let title = letters(title)
        guard let column = Self.allCases.first(where: { letters($0.rawValue) == title }) ?? Self.aliases[title] else {
            return nil
        }
        self = column
    }
}
