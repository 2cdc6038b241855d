import Testing

@testable import BursarConsole

struct TableTests {
    @Test func `columns are aligned by what a terminal shows`() {
        var table = Table([.init("RESEARCHER"), .init("VENDS", .right), .init("NOTE")])
        table.append(["ada", "7", "日本"])
        table.append(["émile", "1200", ""])
        #expect(
            table.text(.plain) == """
                RESEARCHER  VENDS  NOTE
                ada             7  日本
                émile        1200
                """
        )
    }

    @Test func `only the titles are decorated`() {
        var table = Table([.init("A")])
        table.append(["1"])
        #expect(table.text(.colored) == "\u{1B}[1mA\u{1B}[0m\n1")
    }

    @Test func `a cell can't reach the terminal with a control character`() {
        var table = Table([.init("A")])
        table.append(["\u{1B}[2J"])
        #expect(table.text(.plain) == "A\n\\u{1B}[2J")
    }

    private static func wide() -> Table {
        var table = Table([
            .init("id"), .init("name", isElastic: true), .init("note", isElastic: true), .init("n", .right),
        ])
        table.append(["7c3kq9x2mzpa", "日本日本日本日本日本日本", "short", "7"])
        table.append(["9p2fkq9x2mzp", "Ada", "a note that goes on", "1200"])
        return table
    }

    @Test func `where there is room, nothing is cut`() {
        #expect(Self.wide().text(.plain, width: 66) == Self.wide().text(.plain))
    }

    @Test func `where there is less, words are cut, the longest first, and ids and numbers are not`() {
        #expect(
            Self.wide().text(.plain, width: 50) == """
                id            name            note               n
                7c3kq9x2mzpa  日本日本日本…   short              7
                9p2fkq9x2mzp  Ada             a note that g…  1200
                """
        )
    }

    @Test func `where even that has no room, each row is a block`() {
        #expect(
            Self.wide().text(.plain, width: 30) == """
                id    7c3kq9x2mzpa
                name  日本日本日本日本日本日本
                note  short
                n     7

                id    9p2fkq9x2mzp
                name  Ada
                note  a note that goes on
                n     1200
                """
        )
    }

    @Test(arguments: [("ada", 3, "ada"), ("adam", 3, "ad…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("ab", 1, "…")])
    func `text is cut by columns`(text: String, columns: Int, result: String) {
        #expect(DisplayWidth.fit(text, in: columns) == result)
    }

    @Test func `before that, minor columns are left out, the last one first`() {
        var table = Table([.init("id"), .init("by", isMinor: true), .init("n"), .init("note", isMinor: true)])
        table.append(["7c3k", "Ada", "7", "a note"])
        #expect(table.text(.plain, width: 20).hasSuffix("\n7c3k  Ada  7  a note"))
        #expect(table.text(.plain, width: 19) == "id    by   n\n7c3k  Ada  7")
        #expect(table.text(.plain, width: 11) == "id    n\n7c3k  7")
        #expect(table.text(.plain, width: 6).contains("note  a note"))
    }

    @Test func `minor columns go before names are cut to a stump`() {
        var table = Table([
            .init("id"), .init("who", isElastic: true), .init("last", isMinor: true),
        ])
        table.append(["7c3k", "somebody-with-a-handle", "today 16:25"])
        #expect(table.text(.plain, width: 38).hasSuffix("7c3k  somebody-with-a-ha…  today 16:25"))
        #expect(table.text(.plain, width: 30).hasSuffix("7c3k  somebody-with-a-handle"))
        #expect(table.text(.plain, width: 16).hasSuffix("7c3k  somebody-…"))
    }

    @Test func `a cell's tone colours it and nothing else, whatever is left out`() {
        var table = Table([.init("a"), .init("state"), .init("n", .right, isMinor: true)])
        table.append(["1", "revoked", "7"], tones: ["state": .bad, "n": .faint])
        table.append(["2", "active", "12"])
        let lines = table.text(.colored).split(separator: "\n")
        #expect(lines[1] == "1  \u{1B}[1;31mrevoked\u{1B}[0m   \u{1B}[2m7\u{1B}[0m")
        #expect(lines[2] == "2  active   12")
        #expect(table.text(.colored, width: 10).split(separator: "\n")[1] == "1  \u{1B}[1;31mrevoked\u{1B}[0m")
        #expect(!table.text(.plain).contains("\u{1B}"))
    }

    @Test func `a table without rows shows its titles`() {
        #expect(Table([.init("A"), .init("B")]).text(.plain) == "A  B")
    }
}

/// Bars drawn and cut to a terminal's width.
@Suite struct BarTests {
    @Test(arguments: [(0, ""), (1, "▌"), (4, "██"), (5, "██▌"), (8, "████"), (9, "████")])
    func `a bar is as long as its share`(_ value: Int, _ bar: String) {
        #expect(Bar.text(value, of: 8, width: 4) == bar)
        #expect(DisplayWidth.of(Bar.text(value, of: 8, width: 4)) <= 4)
    }

    @Test func `what is more than nothing is never invisible`() {
        #expect(Bar.text(1, of: 1_000_000, width: 10) == "▏")
        #expect(Bar.line([0, 1, 1_000_000], of: 1_000_000) == " ▁█")
    }

    @Test func `without room or a largest value there is none`() {
        #expect(Bar.text(5, of: 5, width: 0).isEmpty)
        #expect(Bar.text(5, of: 0, width: 9).isEmpty)
        #expect(Bar.text(-5, of: 5, width: 9).isEmpty)
    }

    @Test(arguments: [
        ("ada", "ada"), ("abcdef", "abcd…"), ("研究者", "研究…"), ("👩‍🔬👩‍🔬👩‍🔬", "👩‍🔬👩‍🔬…"),
        ("e\u{301}e\u{301}e\u{301}", "e\u{301}e\u{301}e\u{301}"),
    ])
    func `text is cut by what a terminal shows`(_ text: String, _ cut: String) {
        #expect(DisplayWidth.fit(text, in: 5) == cut)
        #expect(DisplayWidth.of(DisplayWidth.padded(text, to: 5)) == 5)
    }
}

struct CSVTests {
    @Test(arguments: ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"])
    func `a cell that a spreadsheet would run is text`(cell: String) {
        let line = CSV.line([cell, "x"])
        #expect(line.hasPrefix("'") || line.hasPrefix("\"'"))
    }

    @Test(arguments: [
        (["a", "b"], "a,b"), (["-", ""], "-,"), (["a,b"], "\"a,b\""), (["say \"hi\""], "\"say \"\"hi\"\"\""),
        (["a;=b"], "\"a;=b\""), (["a\r\nb"], "\"a\r\nb\""), (["日本"], "日本"),
    ])
    func `cells are quoted where they must be`(cells: [String], line: String) {
        #expect(CSV.line(cells) == line)
    }

    @Test func `a quote that carries an accent can't end its cell`() {
        #expect(Array(CSV.line(["\"\u{301}"]).unicodeScalars.filter { $0 == "\"" }).count == 4)
    }
}
