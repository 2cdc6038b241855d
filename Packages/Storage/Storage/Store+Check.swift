import GRDB

extension Store {
    /// SQLite's own quick check; nil when it finds nothing, else the first thing it found.
    package func firstFlaw() throws -> String? {
        let word = try read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
        return word == "ok" ? nil : word ?? "no answer"
    }

    /// Writes what a vend writes and takes it back.
    ///
    /// - Throws: ``StoreError``.
    package func checkIsWritable() throws {
        try probe()
    }
}
