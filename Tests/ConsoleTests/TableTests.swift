import Console
import Testing

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

    @Test func `a table without rows shows its titles`() {
        #expect(Table([.init("A"), .init("B")]).text(.plain) == "A  B")
    }
}
