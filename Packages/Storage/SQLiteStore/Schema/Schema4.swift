/// The fourth schema: handles in lower case.
///
/// SQLite compares handles by `COLLATE NOCASE`, PostgreSQL by their bytes. Queries compare this column, so that both
/// engines find the same researcher.
enum Schema4 {
    static let sql = [
        """
        ALTER TABLE researchers ADD COLUMN folded TEXT NOT NULL GENERATED ALWAYS AS (lower(handle)) VIRTUAL;
        CREATE UNIQUE INDEX researchers_by_folded_handle ON researchers (folded);
        """
    ]
}
