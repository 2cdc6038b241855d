import Testing

@testable import BursarConsole

/// What is drawn and cut to a terminal's width.
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
