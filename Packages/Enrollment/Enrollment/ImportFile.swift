package import BursarConsole
package import BursarFoundation
import BursarModel
package import Vending

/// The treatment of lines whose handle exists already.
package enum KnownHandles {
    case refused
    /// The line is skipped.
    case skipped
    /// The line makes another key for the researcher.
    case givenKeys
}

/// The keys that a CSV file requests and their researchers, all values validated.
package struct ImportFile {
    /// A researcher who has a handle of the file already.
    package struct KnownResearcher {
        let researcher: Researcher
        let isDisabled: Bool

        package init(_ researcher: Researcher, isDisabled: Bool) {
            self.researcher = researcher
            self.isDisabled = isDisabled
        }
    }

    /// The limit of lines: they are added in one transaction, which blocks vends.
    package static let rowLimit = 2000
    package static let sizeLimit = 8 << 20
    /// The limit of problems that are reported at once.
    package static let problemLimit = 20

    package struct Entry {
        package let line: Int
        package let researcher: Researcher
        /// True if the researcher is in the database already.
        package let isKnown: Bool
        /// The key's project: that of the line, else the researcher's.
        package let project: String
        package let label: String?
        /// The key's own expiry.
        package let ends: Date
        package let terms: KeyRestrictions

        /// The time at which the key stops working: the end of the stay, where that is sooner.
        package var worksUntil: Date { min(ends, researcher.ends ?? .distantFuture) }
    }

    private let name: String
    package private(set) var entries: [Entry] = []
    /// The problems, each with its line and column; nothing is imported if there are any.
    package private(set) var problems: [UserFacingError] = []
    package private(set) var warnings: [UserFacingError] = []
    /// The number of skipped lines.
    package private(set) var skipped = 0

    /// `known` are the existing researchers, by their handles in lower case.
    ///
    /// - Throws: ``UserFacingError`` when it isn't CSV, or has unknown titles.
    package init(
        _ bytes: [UInt8],
        name: String,
        expires: String?,
        ends: KeyExpiry,
        known: [String: KnownResearcher],
        _ handling: KnownHandles
    ) throws(UserFacingError) {
        self.name = name
        let rows: [[CSVField]]
        do throws(CSVError) {
            rows = try CSVReader.rows(of: bytes, limit: Self.rowLimit + 1)
        } catch {
            throw UserFacingError("\(name), line \(error.line): \(error.problem)", hint: error.hint)
        }
        let columns = try Self.columns(rows.first ?? [], in: name, handling)
        guard rows.count > 1 else {
            throw UserFacingError("\(name) names no researcher", hint: "a line for each person, below the titles")
        }
        var firstLines: [String: Int] = [:]
        for row in rows.dropFirst() {
            let values = Dictionary(uniqueKeysWithValues: zip(columns, row.map(\.text)))
            let place = "\(name), line \(row[0].line)"
            var reader = ImportRow(values: values, place: place, expires: expires, ends: ends)
            let somebody = known[reader.handle.lowercased()]
            if somebody != nil, handling == .skipped {
                skipped += 1
                continue
            }
            let entry = reader.read(line: row[0].line, handling == .givenKeys ? somebody : nil)
            problems += reader.problems
            warnings += reader.warnings
            if somebody != nil, handling == .refused { problems.append(taken(reader.handle, row[0].line)) }
            guard let entry else { continue }
            let folded = entry.researcher.handle.description.lowercased()
            if !entry.isKnown, let first = firstLines[folded] {
                let place = "\(name), line \(entry.line), column handle"
                problems.append(UserFacingError("\(place) \(entry.researcher.handle) stands in line \(first) already"))
            }
            firstLines[folded] = firstLines[folded] ?? entry.line
            entries.append(entry)
        }
    }

    /// The problem of a handle that another researcher has.
    package func taken(_ handle: String, _ line: Int) -> UserFacingError {
        UserFacingError(
            "\(name), line \(line), column handle: there is a researcher \"\(handle)\" already",
            hint: "--skip-existing passes over such lines, --add-keys gives them another key"
        )
    }

    /// The problem of a new handle as which the sessions of another researcher's key would count.
    package func sessionName(_ entry: Entry) -> UserFacingError {
        UserFacingError(
            "\(name), line \(entry.line), column handle: \"\(entry.researcher.handle)\" is the name of the sessions of "
                + "another researcher's key",
            hint: "choose another handle"
        )
    }

    private static func columns(
        _ titles: [CSVField],
        in name: String,
        _ handling: KnownHandles
    ) throws(UserFacingError) -> [ImportColumn] {
        let all = ImportColumn.allCases.map(\.rawValue)
        var columns: [ImportColumn] = []
        for (index, title) in titles.enumerated() {
            let place = "\(name), line \(title.line), column \(index + 1)"
            let text = title.text.trimmingBlanks()
            guard let column = ImportColumn(title: text) else {
                let near = NearestName.of(text, among: all).map { "did you mean \($0)?" }
                let what = text.isEmpty ? "no title" : "there is no column \"\(ControlText.brief(text))\""
                throw UserFacingError("\(place): \(what)", hint: near ?? "columns are \(all.joined(separator: ", "))")
            }
            guard !columns.contains(column) else {
                throw UserFacingError("\(place): \(column.rawValue) stands there twice")
            }
            columns.append(column)
        }
        // For existing researchers the handle is enough.
        let required = handling == .givenKeys ? [.handle] : ImportColumn.required
        if let missing = required.first(where: { !columns.contains($0) }) {
            throw UserFacingError(
                "\(name), line 1: there is no column \(missing.rawValue)",
                hint: "the first line names the columns: handle,name,email,project, and more that `--help` lists"
            )
        }
        return columns
    }
}
