import Testing

@testable import PostgresStore

struct PlaceholderTests {
    @Test(arguments: [
        ("SELECT ?", "SELECT $1"),
        ("SELECT ?, ? WHERE a = ?", "SELECT $1, $2 WHERE a = $3"),
        ("SELECT '?', ?", "SELECT '?', $1"),
        ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1"),
        (#"SELECT E'\'?', ?"#, #"SELECT E'\'?', $1"#),
        (#"SELECT '\', ?"#, #"SELECT '\', $1"#),
        (#"SELECT "a?" FROM t WHERE b = ?"#, #"SELECT "a?" FROM t WHERE b = $1"#),
        ("SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2"),
        ("SELECT /* ? /* ? */ ? */ ?", "SELECT /* ? /* ? */ ? */ $1"),
        ("SELECT $$ ? $$, ?", "SELECT $$ ? $$, $1"),
        ("SELECT $a$ ? $$ ? $a$, ?", "SELECT $a$ ? $$ ? $a$, $1"),
        ("SELECT ?::text::jsonb", "SELECT $1::text::jsonb"),
        ("SELECT 'open ?", "SELECT 'open ?"),
        ("SELECT 'ä' || ?", "SELECT 'ä' || $1"),
        ("", ""),
    ])
    func `question marks outside of quotes and comments are numbered`(sql: String, expected: String) {
        #expect(Placeholders.convert(sql) == expected)
        #expect(Placeholders.numbered(sql) == expected)
    }
}
