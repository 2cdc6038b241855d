import BursarCore
import Console
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Newcomers as a CSV file has them, every value checked.
struct ImportFile {
    /// Lines at most: they are added in one transaction, which vends wait behind.
    static let rowLimit = 2000
    static let sizeLimit = 8 << 20
    /// Problems that are told at once.
    static let problemLimit = 20

    struct Entry {
        let line: Int
        let researcher: Researcher
        let label: String?
        let ends: Date
        let terms: KeyTerms
    }

    let name: String
    private(set) var entries: [Entry] = []
    /// What is wrong, each with its line and column; nothing is imported unless there is none.
    private(set) var problems: [Problem] = []
    private(set) var warnings: [Problem] = []

    /// - Throws: a ``Problem`` when it isn't CSV, or its titles aren't ours.
    init(_ bytes: [UInt8], name: String, expires: String?, ends: KeyEnd) throws(Problem) {
        self.name = name
        let rows: [[CSVField]]
        do throws(CSVFault) {
            rows = try CSVReader.rows(of: bytes, limit: Self.rowLimit + 1)
        } catch {
            throw Problem("\(name), line \(error.line): \(error.problem)", hint: error.hint)
        }
        let columns = try Self.columns(rows.first ?? [], in: name)
        guard rows.count > 1 else {
            throw Problem("\(name) names nobody", hint: "a line for each person, below the titles")
        }
        var firstLines: [String: Int] = [:]
        for row in rows.dropFirst() {
            let values = Dictionary(uniqueKeysWithValues: zip(columns, row.map(\.text)))
            let place = "\(name), line \(row[0].line)"
            var reader = ImportRow(values: values, place: place, expires: expires, ends: ends)
            let entry = reader.read(line: row[0].line)
            problems += reader.problems
            warnings += reader.warnings
            guard let entry else { continue }
            let folded = entry.researcher.handle.description.lowercased()
            if let first = firstLines[folded] {
                let place = "\(name), line \(entry.line), column handle"
                problems.append(Problem("\(place) \(entry.researcher.handle) stands in line \(first) already"))
            }
            firstLines[folded] = firstLines[folded] ?? entry.line
            entries.append(entry)
        }
    }

    /// Handles that somebody has already.
    mutating func check(taken: Set<String>) {
        for entry in entries where taken.contains(entry.researcher.handle.description.lowercased()) {
            problems.append(self.taken(entry.researcher.handle))
        }
    }

    func taken(_ handle: Handle) -> Problem {
        let line = entries.first { $0.researcher.handle == handle }?.line ?? 0
        return Problem(
            "\(name), line \(line), column handle: there is a researcher \"\(handle)\" already",
            hint: "leave the line out; admin keys issue \(handle) makes another key"
        )
    }

    private static func columns(_ titles: [CSVField], in name: String) throws(Problem) -> [ImportColumn] {
        let all = ImportColumn.allCases.map(\.rawValue)
        var columns: [ImportColumn] = []
        for (index, title) in titles.enumerated() {
            let place = "\(name), line \(title.line), column \(index + 1)"
            let text = String(title.text.trimmingASCIIWhitespace())
            guard let column = ImportColumn(title: text) else {
                let near = NearestName.of(text, among: all).map { "did you mean \($0)?" }
                let hint =
                    text.contains(";")
                    ? "write commas between the columns" : "columns are \(all.joined(separator: ", "))"
                throw Problem("\(place): there is no column \"\(ControlText.brief(text))\"", hint: near ?? hint)
            }
            guard !columns.contains(column) else { throw Problem("\(place): \(column.rawValue) stands there twice") }
            columns.append(column)
        }
        if let missing = ImportColumn.required.first(where: { !columns.contains($0) }) {
            throw Problem(
                "\(name), line 1: there is no column \(missing.rawValue)",
                hint: "the first line names the columns: handle,name,email,project, and more that `--help` lists"
            )
        }
        return columns
    }
}
