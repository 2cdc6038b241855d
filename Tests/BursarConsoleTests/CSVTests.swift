import BursarConsole
import Testing

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
