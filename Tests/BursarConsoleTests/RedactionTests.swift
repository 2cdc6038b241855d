import Testing

@testable import BursarConsole

struct RedactionTests {
    private static let secret = String(repeating: "sEcr3t0", count: 7)
    private static let key = "bursar_0123456789ab_" + secret
    private static let shown = "bursar_0123456789ab_…"

    @Test(arguments: [
        (key, shown),
        ("Error: Unexpected argument '\(key)'", "Error: Unexpected argument '\(shown)'"),
        ("\(key): no such file", "\(shown): no such file"),
        ("/home/ada/\(key)\n\(key)", "/home/ada/\(shown)\n\(shown)"),
        ("bursar_\(key)", "bursar_\(shown)"),
        ("(\(key)).", "(\(shown))."),
        ("“\(key)” é", "“\(shown)” é"),
        (key + key, shown),
        (key + "-é'" + secret, shown),
        ("\(key),\(key)", shown),
    ])
    func `of a key only its id is shown`(text: String, redacted: String) {
        #expect(Redaction.keys(in: text) == redacted)
    }

    @Test(arguments: [
        "", "bursar_", "bursar_0123456789ab", "bursar_vends_total", "a key begins with bursar_ and has 69 characters",
        "bursar_0123456789é_x", "bursar_0123456789abc_x", "ключ",
    ])
    func `everything else stays`(text: String) {
        #expect(Redaction.keys(in: text) == text)
    }
}
