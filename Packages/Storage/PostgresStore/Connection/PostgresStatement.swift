import CPQ
package import Storage
import Synchronization

/// One statement with its arguments, which `?` marks in the text.
package struct PostgresStatement: Sendable {
    package let sql: String
    package let arguments: [SQLValue]

    package init(_ sql: String, _ arguments: [SQLValue] = []) {
        self.sql = sql
        self.arguments = arguments
    }
}

/// The arguments of one statement in PostgreSQL's binary form.
///
/// Each has its type beside it, so that the server infers none from the text: `int8`, `text` or `bytea`; NULL has no
/// type.
struct EncodedArguments {
    /// Of the types that are sent and read (pg_type.dat).
    enum TypeID {
        static let unspecified: Oid = 0
        static let bool: Oid = 16
        static let bytea: Oid = 17
        static let char: Oid = 18
        static let name: Oid = 19
        static let int8: Oid = 20
        static let int2: Oid = 21
        static let int4: Oid = 23
        static let text: Oid = 25
        static let oid: Oid = 26
        static let bpchar: Oid = 1042
        static let varchar: Oid = 1043
        static let void: Oid = 2278
    }

    private var bytes: [UInt8] = []
    /// nil for NULL.
    private var starts: [Int?] = []
    private var types: [Oid] = []
    private var lengths: [CInt] = []

    init(_ arguments: [SQLValue]) {
        for argument in arguments {
            let start = bytes.count
            switch argument {
            case .null: types.append(TypeID.unspecified)
            case .integer(let number):
                types.append(TypeID.int8)
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text):
                types.append(TypeID.text)
                bytes.append(contentsOf: text.utf8)
            case .blob(let blob):
                types.append(TypeID.bytea)
                bytes.append(contentsOf: blob)
            }
            starts.append(argument == .null ? nil : start)
            lengths.append(CInt(bytes.count - start))
        }
        // An empty value has an address too: without one it would be NULL.
        bytes.append(0)
    }

    /// Passes the arrays that libpq takes to `body`, all of them in the binary form.
    func withPointers<Result>(
        _ body: (
            _ count: CInt, _ types: UnsafePointer<Oid>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<CInt>?, _ formats: UnsafePointer<CInt>?
        ) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { bytes in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            let values = starts.map { start in start.flatMap { start in base.map { UnsafePointer($0 + start) } } }
            let formats = [CInt](repeating: 1, count: starts.count)
            return body(CInt(starts.count), types, values, lengths, formats)
        }
    }
}

/// The texts of statements with `$1`, `$2`, … in place of their question marks.
enum Placeholders {
    private static let converted = Mutex<[String: String]>([:])
    /// Texts that are put together from conditions vary: the cache is emptied when it has as many.
    private static let capacity = 1024

    static func numbered(_ sql: String) -> String {
        if let found = converted.withLock({ $0[sql] }) { return found }
        let text = convert(sql)
        converted.withLock { texts in
            if texts.count >= capacity { texts = [:] }
            texts[sql] = text
        }
        return text
    }

    /// Replaces the question marks that are outside of quotes and comments.
    static func convert(_ sql: String) -> String {
        let source = Array(sql.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count + 16)
        var count = 0
        var index = 0
        while index < source.count {
            let end = opaqueEnd(in: source, from: index)
            if end > index {
                result.append(contentsOf: source[index..<end])
                index = end
            } else if source[index] == UInt8(ascii: "?") {
                count += 1
                result.append(contentsOf: "$\(count)".utf8)
                index += 1
            } else {
                result.append(source[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Returns the end of the quoted text, comment or dollar-quoted text that starts at `start`; `start` if none does.
    private static func opaqueEnd(in source: [UInt8], from start: Int) -> Int {
        let rest = source[start...]
        switch source[start] {
        case UInt8(ascii: "'"):
            let isEscaped = start > 0 && [UInt8(ascii: "E"), UInt8(ascii: "e")].contains(source[start - 1])
            return quoteEnd(in: source, from: start, escapes: isEscaped)
        case UInt8(ascii: "\""):
            return quoteEnd(in: source, from: start, escapes: false)
        case UInt8(ascii: "-") where rest.starts(with: "--".utf8):
            return rest.firstIndex(of: UInt8(ascii: "\n")) ?? source.count
        case UInt8(ascii: "/") where rest.starts(with: "/*".utf8):
            return commentEnd(in: source, from: start)
        case UInt8(ascii: "$"):
            return dollarQuoteEnd(in: source, from: start)
        default:
            return start
        }
    }

    /// A doubled quote ends the text and starts the next one, with the same result.
    private static func quoteEnd(in source: [UInt8], from start: Int, escapes: Bool) -> Int {
        var index = start + 1
        while index < source.count, source[index] != source[start] {
            index += escapes && source[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, source.count)
    }

    /// Comments of this kind nest.
    private static func commentEnd(in source: [UInt8], from start: Int) -> Int {
        var (index, depth) = (start, 0)
        while index < source.count {
            if source[index...].starts(with: "/*".utf8) {
                (index, depth) = (index + 2, depth + 1)
            } else if source[index...].starts(with: "*/".utf8) {
                (index, depth) = (index + 2, depth - 1)
                if depth == 0 { return index }
            } else {
                index += 1
            }
        }
        return source.count
    }

    /// `$$…$$`, or with a tag between the dollars.
    private static func dollarQuoteEnd(in source: [UInt8], from start: Int) -> Int {
        guard let close = source[(start + 1)...].firstIndex(of: UInt8(ascii: "$")) else { return start }
        let tag = source[(start + 1)..<close]
        let isTag = tag.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte >= 128 || UnicodeScalar(byte).properties.isAlphabetic
                || (48...57).contains(byte)
        }
        guard isTag, tag.first.map({ !(48...57).contains($0) }) ?? true else { return start }
        let mark = source[start...close]
        var index = close + 1
        while index < source.count {
            if source[index...].starts(with: mark) { return index + mark.count }
            index += 1
        }
        return source.count
    }
}
