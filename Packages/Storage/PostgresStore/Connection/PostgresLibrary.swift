import CPQ

/// libpq itself: opened once per process, at the first connection.
enum PostgresLibrary {
    /// Returns libpq's functions.
    static func load() throws(PostgresError) -> UnsafePointer<cpq_functions> {
        guard let functions = cpq_library() else {
            let problem = cpq_load() == CPQ_TOO_OLD ? "is older than that of PostgreSQL 14" : "is not installed"
            throw .libraryMissing(detail: "libpq \(problem)")
        }
        return functions
    }

    /// An option of a connection, and the environment variable that libpq takes it from otherwise.
    struct Keyword: Hashable {
        let name: String
        let variable: String?
    }

    /// Returns the options that this version of libpq has.
    static func keywords(_ library: UnsafePointer<cpq_functions>) -> [Keyword] {
        guard let options = library.pointee.PQconndefaults() else { return [] }
        defer { library.pointee.PQconninfoFree(options) }
        var keywords: [Keyword] = []
        var option = options
        while let name = option.pointee.keyword {
            keywords.append(
                Keyword(name: String(cString: name), variable: option.pointee.envvar.map { String(cString: $0) })
            )
            option += 1
        }
        return keywords
    }
}
