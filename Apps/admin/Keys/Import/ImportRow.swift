import BursarCore
import Console
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line of a file of newcomers, to be read.
struct ImportRow {
    let values: [ImportColumn: String]
    /// The file and the line, for messages.
    let place: String
    /// When keys end whose line doesn't say.
    let expires: String?
    let ends: KeyEnd

    /// What is wrong with it: one run tells all.
    private(set) var problems: [Problem] = []
    private(set) var warnings: [Problem] = []

    init(values: [ImportColumn: String], place: String, expires: String?, ends: KeyEnd) {
        self.values = values
        self.place = place
        self.expires = expires
        self.ends = ends
    }

    /// The newcomer; nil when there is a problem.
    mutating func read(line: Int) -> ImportFile.Entry? {
        let now = ends.now
        for column in ImportColumn.required where text(column) == nil {
            problems.append(Problem("\(name(column)) is empty"))
        }
        let handle = value(.handle) { text, name throws(Problem) in try ResearcherFields.handle(text, name) }
        let person = value(.name) { text, name throws(Problem) in try ResearcherFields.line(text, name) }
        let email = value(.email) { text, name throws(Problem) in try ResearcherFields.email(text, name) }
        let project = value(.project) { text, name throws(Problem) in try ResearcherFields.line(text, name) }
        let sponsor = value(.sponsor) { text, name throws(Problem) in try ResearcherFields.sponsor(text, name) }
        let note = value(.note) { text, name throws(Problem) in try ResearcherFields.note(text, name) }
        let until = value(.until) { text, name throws(Problem) in try TypedEnd.day(text, name, from: now) }
        let label = value(.label) { text, name throws(Problem) in try KeyLabel.read(text, name) }
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
        return ImportFile.Entry(line: line, researcher: researcher, label: label, ends: keyEnd, terms: terms)
    }

    private mutating func value<Value>(
        _ column: ImportColumn,
        _ parse: (_ text: String, _ name: String) throws(Problem) -> Value
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
            return try ends.ofNewKey(own ?? expires, own == nil ? "--expires" : name(.expires))
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func terms() -> KeyTerms? {
        let typed = TypedTerms(
            ip: text(.ip).map { [$0] } ?? [],
            models: text(.models).map { [$0] } ?? [],
            dailyLimit: value(.dailyLimit) { text, name throws(Problem) in try Self.number(text, name) },
            rate: value(.rate) { text, name throws(Problem) in try Self.number(text, name) },
            session: text(.session),
            prefix: "\(place), column "
        )
        let terms: KeyTerms
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
            problems.append(Problem("\(name(.models)): \(error.problem)", hint: error.hint))
        }
        return terms
    }

    private func text(_ column: ImportColumn) -> String? {
        guard let text = values[column]?.trimmingASCIIWhitespace(), !text.isEmpty else { return nil }
        return String(text)
    }

    private func name(_ column: ImportColumn) -> String {
        "\(place), column \(column.rawValue)"
    }

    private static func number(_ text: String, _ name: String) throws(Problem) -> Int {
        guard let number = Int(text) else {
            throw Problem("\(name) \"\(ControlText.brief(text))\" is not a whole number")
        }
        return number
    }
}
