import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// A page as Chromium has it after reading it: its tables, and anything in it that could run or come from outside.
struct BrowsedPage: Decodable {
    /// By id, the rows of their bodies as texts.
    let tables: [String: [[String]]]
    let scripts: Int
    let outside: [String]
    let title: String
    let charts: Int

    static let browser = "/usr/bin/chromium"
    static var isBrowserInstalled: Bool { (try? FilePath(browser).stat()) != nil }

    /// Opens `file`; what the browser writes goes into `folder`.
    init(_ file: String, in folder: String) async throws {
        let dom = folder + "/dom.html"
        let text = try await Self.browse(["--dump-dom", "file://\(file)"], in: folder)
        try Data(text.utf8).write(to: URL(filePath: dom))
        let script = Checkout.root + "Tests/AdminTests/Peers/page.py"
        let read = try await Program(Checkout.peer("python"), environment: ["PATH": "/usr/bin:/bin"]).run([script, dom])
        self = try decoded(try Self.succeeded(read))
    }

    /// Runs the browser without a window, and returns its output.
    static func browse(_ options: [String], in folder: String) async throws -> String {
        let fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder)/chromium"]
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8"]
        return try succeeded(try await Program(browser, environment: environment).run(fixed + options))
    }

    private static func succeeded(_ outcome: Program.Outcome) throws -> String {
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }
}
