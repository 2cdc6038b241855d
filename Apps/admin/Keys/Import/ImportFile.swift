import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import Vending

/// What becomes of a line whose handle somebody has already.
enum KnownHandles {
    case refused
    /// It is passed over.
    case skipped
    /// It makes another key of theirs.
    case givenKeys
}

/// Keys as a CSV file asks for them, and the people they are for, every value checked.
struct ImportFile {
    /// Lines at most: they are added in one transaction, which vends wait behind.
    static let rowLimit = 2000
    static let sizeLimit = 8 << 20
    /// Problems that are told at once.
    static let problemLimit = 20

    struct Entry {
        let line: Int
        let researcher: Researcher
        /// Whether they are in the database already.
        let isKnown: Bool
        let label: String?
        /// The key's own end.
        let ends: Date
        let terms: KeyRestrictions

        /// When the key really ends: with their stay, where that is sooner.
        var worksUntil: Date { min(ends, researcher.ends ?? .distantFuture) }
    }

    let name: String
    private(set) var entries: [Entry] = []
    /// What is wrong, each with its line and column; nothing is imported unless there is none.
    private(set) var problems: [UserFacingError] = []
    private(set) var warnings: [UserFacingError] = []
    /// Lines that were passed over.
    private(set) var skipped = 0

    /// `known` are the researchers that there are, by their handles in lower case.
    ///
    /// - Throws: a ``UserFacingError`` when it isn't CSV, or its titles aren't ours.
    init(
        _ bytes: [UInt8],
        name: String,
        expires: String?,
        ends: KeyExpiry,
        known: [String: ListedResearcher],
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
            throw UserFacingError("\(name) names nobody", hint: "a line for each person, below the titles")
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

    /// What the database says against it at last.
    func problem(_ conflict: ImportConflictError) -> UserFacingError {
        switch conflict {
        case .handleTaken(let handle):
            taken(handle.description, entries.first { $0.researcher.handle == handle }?.line ?? 0)
        case .unknown(let handle): UserFacingError("\(handle) is gone", hint: "import the file again")
        }
    }

    private func taken(_ handle: String, _ line: Int) -> UserFacingError {
        UserFacingError(
            "\(name), line \(line), column handle: there is a researcher \"\(handle)\" already",
            hint: "--skip-existing passes over such lines, --add-keys gives them another key"
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
        // Of people who are known the handle is enough.
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
