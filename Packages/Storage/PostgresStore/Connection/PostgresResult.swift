import CPQ
package import Storage

/// The outcome of one statement, as libpq holds it: all its rows, or one of many.
final class PostgresResult {
    let pointer: OpaquePointer
    private let library: UnsafePointer<cpq_functions>
    let columns: Columns
    let rowCount: Int

    /// The columns of a result, which are the same for all rows of a statement.
    final class Columns {
        let names: [String]
        fileprivate let types: [Oid]
        private let positions: [String: Int]

        fileprivate init(_ result: OpaquePointer, _ library: UnsafePointer<cpq_functions>) throws(PostgresError) {
            let range = 0..<library.pointee.PQnfields(result)
            names = range.map { column in library.pointee.PQfname(result, column).map { String(cString: $0) } ?? "" }
            types = range.map { library.pointee.PQftype(result, $0) }
            positions = Dictionary(zip(names, names.indices)) { first, _ in first }
            for (name, type) in zip(names, types) where !Self.readable.contains(type) {
                throw .unreadable(column: name, type: type)
            }
        }

        private static let readable: Set<Oid> = [
            EncodedArguments.TypeID.bool, EncodedArguments.TypeID.bytea, EncodedArguments.TypeID.char,
            EncodedArguments.TypeID.name, EncodedArguments.TypeID.int8, EncodedArguments.TypeID.int2,
            EncodedArguments.TypeID.int4, EncodedArguments.TypeID.text, EncodedArguments.TypeID.oid,
            EncodedArguments.TypeID.bpchar, EncodedArguments.TypeID.varchar, EncodedArguments.TypeID.void,
        ]

        func position(of name: String) -> Int? {
            positions[name]
        }
    }

    /// Takes over `pointer`, also when it throws; `columns` are those of an earlier row of the statement.
    ///
    /// - Throws: ``PostgresError/unreadable(column:type:)``.
    init(
        _ pointer: OpaquePointer,
        _ library: UnsafePointer<cpq_functions>,
        columns: Columns? = nil
    ) throws(PostgresError) {
        do throws(PostgresError) {
            if let columns { self.columns = columns } else { self.columns = try Columns(pointer, library) }
        } catch {
            library.pointee.PQclear(pointer)
            throw error
        }
        self.pointer = pointer
        self.library = library
        rowCount = Int(library.pointee.PQntuples(pointer))
    }

    deinit {
        library.pointee.PQclear(pointer)
    }

    /// The number of rows that an INSERT, UPDATE or DELETE changed; 0 for any other statement.
    var changedRows: Int {
        library.pointee.PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The command that was carried out: `COMMIT`, or `ROLLBACK` in its place.
    var command: String {
        library.pointee.PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
    }

    subscript(row: Int) -> PostgresRow {
        PostgresRow(result: self, row: CInt(row))
    }

    var rows: [PostgresRow] {
        (0..<rowCount).map { self[$0] }
    }

    fileprivate func bytes(_ row: CInt, _ column: Int) -> UnsafeRawBufferPointer? {
        let column = CInt(column)
        guard library.pointee.PQgetisnull(pointer, row, column) == 0 else { return nil }
        let count = Int(library.pointee.PQgetlength(pointer, row, column))
        return UnsafeRawBufferPointer(start: library.pointee.PQgetvalue(pointer, row, column), count: count)
    }

    fileprivate func type(_ column: Int) -> Oid { columns.types[column] }
}

/// A row of a result, which stays valid as long as it is held.
package struct PostgresRow {
    fileprivate let result: PostgresResult
    fileprivate let row: CInt

    /// The names of its columns.
    package var columns: [String] { result.columns.names }

    /// Returns nil if there is no column of that name.
    package subscript(column: String) -> SQLValue? {
        result.columns.position(of: column).map(value)
    }

    /// Returns the value at a position, from 0.
    package func value(_ position: Int) -> SQLValue {
        guard let bytes = bytes(position) else { return .null }
        switch result.type(position) {
        case EncodedArguments.TypeID.int8, EncodedArguments.TypeID.int4, EncodedArguments.TypeID.int2,
            EncodedArguments.TypeID.oid, EncodedArguments.TypeID.bool:
            return integer(position).map(SQLValue.integer) ?? .null
        case EncodedArguments.TypeID.bytea: return .blob([UInt8](bytes))
        case EncodedArguments.TypeID.void: return .null
        default: return .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Returns the number at a position; nil for NULL and for what is no number.
    package func integer(_ position: Int) -> Int64? {
        guard let bytes = bytes(position) else { return nil }
        switch (result.type(position), bytes.count) {
        case (EncodedArguments.TypeID.int8, 8): return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case (EncodedArguments.TypeID.int4, 4): return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (EncodedArguments.TypeID.int2, 2): return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case (EncodedArguments.TypeID.oid, 4): return Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        case (EncodedArguments.TypeID.bool, 1): return Int64(bytes[0])
        default: return nil
        }
    }

    /// Returns the bytes at a position as the server sent them; nil for NULL.
    ///
    /// They are valid as long as the row is held.
    package func bytes(_ position: Int) -> UnsafeRawBufferPointer? {
        result.bytes(row, position)
    }
}
