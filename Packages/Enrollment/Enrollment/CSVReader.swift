import BursarConsole
import BursarModel

/// A field of a CSV file, and its position.
struct CSVField: Equatable {
    let text: String
    let line: Int
}

/// A violation of CSV as RFC 4180 defines it.
struct CSVError: Error, Equatable {
    let line: Int
    let problem: String
    let hint: String?
}

/// Parses comma-separated values strictly: ambiguous input is refused with its line.
///
/// UTF-8, with or without a byte order mark; lines end in LF or CRLF; quotes surround a whole field, and are doubled
/// inside it. Lines without content are skipped. Separators are commas, semicolons or tabs: the one between the titles,
/// or the one that a first line `sep=;` names, as spreadsheets write it. Columns at the end without a title and without
/// content are ignored.
struct CSVReader {
    static let columnLimit = 64
    static let fieldLimit = 16 << 10

    private let bytes: [UInt8]
    private let rowLimit: Int
    private var separator = UInt8(ascii: ",")
    private var place = 0
    private var line = 1

    /// Returns the rows of a file, the first of them its titles, at most `rowLimit` of them.
    static func rows(of bytes: [UInt8], limit rowLimit: Int) throws(CSVError) -> [[CSVField]] {
        var reader = try CSVReader(bytes, rowLimit: rowLimit)
        return try reader.readAll()
    }

    private init(_ bytes: [UInt8], rowLimit: Int) throws(CSVError) {
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]), !bytes.contains(0) else {
            throw CSVError(line: 1, problem: "it is not UTF-8 text", hint: "save it as \"CSV UTF-8\"")
        }
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.rowLimit = rowLimit
        try findSeparator()
    }

    private mutating func findSeparator() throws(CSVError) {
        let separators = Array(",;\t".utf8)
        let first = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let declared = Array(first).dropLast(first.count == 5 ? 1 : 0)
        if first.count == 5, String(decoding: declared, as: UTF8.self).lowercased() == "sep=" {
            guard let last = first.last, separators.contains(last) else {
                throw fault(1, "what stands between fields is none of , ; and tab", "save it with commas")
            }
            separator = last
            place = first.count
            if place < bytes.count, bytes[place] == UInt8(ascii: "\r") { place += 1 }
            if place < bytes.count { place += 1 }
            line += 1
            return
        }
        var isQuoted = false
        let outside = first.filter { byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return !isQuoted
        }
        let found = separators.filter(outside.contains)
        guard found.count < 2 else {
            throw fault(1, "more than one of comma, semicolon and tab stands between the titles", "save it with one")
        }
        separator = found.first ?? separator
    }

    private mutating func readAll() throws(CSVError) -> [[CSVField]] {
        var rows: [[CSVField]] = []
        while place < bytes.count {
            var row = try row()
            guard row.contains(where: { !$0.text.isEmpty }) else { continue }
            let titled = rows.first?.count ?? (row.lastIndex { !$0.text.isEmpty } ?? 0) + 1
            while row.count > titled, row.last?.text.isEmpty == true { row.removeLast() }
            if let titles = rows.first, row.count != titles.count {
                throw fault(row[0].line, "\(row.count) fields where the first line has \(titles.count)")
            }
            guard rows.count < rowLimit else {
                throw fault(row[0].line, "more than \(rowLimit) lines", "import them in several files")
            }
            rows.append(row)
        }
        return rows
    }

    private mutating func row() throws(CSVError) -> [CSVField] {
        var fields: [CSVField] = []
        while true {
            guard fields.count < Self.columnLimit else { throw fault(line, "more than \(Self.columnLimit) columns") }
            fields.append(try field())
            guard place < bytes.count else { return fields }
            let end = bytes[place]
            place += 1
            if end == UInt8(ascii: "\n") {
                line += 1
                return fields
            }
        }
    }

    /// True if a field ends before `byte`.
    private func isEnd(_ byte: UInt8) -> Bool {
        byte == separator || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }

    /// Reads a field, up to its separator or line end.
    private mutating func field() throws(CSVError) -> CSVField {
        let start = line
        let content =
            place < bytes.count && bytes[place] == UInt8(ascii: "\"") ? try quoted(from: start) : try unquoted()
        guard content.count <= Self.fieldLimit else {
            throw fault(start, "a field of more than \(Self.fieldLimit) bytes")
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw fault(start, "it is not UTF-8 text", "save it as \"CSV UTF-8\"")
        }
        if place < bytes.count, bytes[place] == UInt8(ascii: "\r") {
            guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\n") else {
                throw fault(line, "a line end that is neither LF nor CRLF", "save it with one of them")
            }
            place += 1
        }
        return CSVField(text: text, line: start)
    }

    private mutating func unquoted() throws(CSVError) -> [UInt8] {
        let start = place
        while place < bytes.count, !isEnd(bytes[place]) {
            if bytes[place] == UInt8(ascii: "\"") {
                throw fault(
                    line,
                    "a quote in the middle of a field",
                    "put the field in quotes, and each quote in it twice"
                )
            }
            place += 1
        }
        return Array(bytes[start..<place])
    }

    private mutating func quoted(from start: Int) throws(CSVError) -> [UInt8] {
        var content: [UInt8] = []
        place += 1
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "\"") else {
                content.append(byte)
                continue
            }
            if place < bytes.count, bytes[place] == byte {
                content.append(byte)
                place += 1
                continue
            }
            guard place == bytes.count || isEnd(bytes[place]) else {
                throw fault(line, "something behind the quote that ends a field")
            }
            return content
        }
        throw fault(start, "a quote that is never closed")
    }

    private func fault(_ line: Int, _ problem: String, _ hint: String? = nil) -> CSVError {
        CSVError(line: line, problem: problem, hint: hint)
    }
}
