import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing
import Vending

/// Bars and the live view, in a real terminal emulator.
@Suite(.enabled(if: (try? FilePath("/usr/bin/tmux").stat()) != nil))
struct UsageTerminalTests {
    private let context: UsageDatabase

    init() async throws {
        context = try UsageDatabase()
        let ada = try context.add("ada", name: "研究者 👩‍🔬", project: "engines of all kinds and looms")
        let long = try context.add("somebody-with-a-handle-of-more-than-forty-characters", project: "looms")
        try await context.vend(ada, onDay: 0, times: 8)
        try await context.vend(long, onDay: 1, times: 4)
    }

    private func screens(_ columns: Int, _ steps: [String], _ command: [String]) async throws -> [String] {
        let fixed = [context.folder + "/tmux", "\(columns)", "14"] + steps + ["--"]
        let output = try await context.peer("tmux.py", fixed + command)
        return try JSONDecoder().decode([String].self, from: Data(output.utf8))
    }

    private func report(_ columns: Int, _ steps: [String], _ variables: [String] = []) async throws -> String {
        let options = ["usage", "report", "--since", "2026-01-01", "--until", "2026-01-31"]
        let command = ["/usr/bin/env"] + variables + [Checkout.program("admin")] + options
        return try #require(try await screens(columns, ["wait:exit 0"] + steps, command).first)
    }

    private var top: [String] { [Checkout.program("admin"), "usage", "top"] }

    @Test(arguments: [30, 40, 60, 80, 200])
    func `a table has bars and no line too long, however narrow the terminal is`(_ columns: Int) async throws {
        let screen = try await report(columns, ["shot"])
        let lines = screen.split(separator: "\n")
        #expect(lines.filter { $0.contains("█") }.count == 2, "\(screen)")
        // A line that had been too long would have gone on in the next.
        #expect(lines.filter { $0.hasPrefix("ada") || $0.hasPrefix("somebody") }.count == 2, "\(screen)")
        #expect(lines.contains { $0.hasPrefix("researcher") && $0.contains("vends") }, "\(screen)")
        #expect(screen.contains("somebody-with-a-handle-of-more-than-forty-characters") == (columns >= 80))
    }

    @Test func `with NO_COLOR the bars have none`() async throws {
        let plain = try await report(80, ["colours"], ["NO_COLOR=1"])
        #expect(plain.contains("█") && !plain.contains("\u{1B}["))
        #expect(try await report(80, ["colours"]).contains("\u{1B}[32m█"))
    }

    @Test(arguments: ["keys:q", "keys:C-c", "signal:SIGTERM", "signal:SIGHUP"])
    func `top shows what goes on, and leaves the terminal as it was`(_ end: String) async throws {
        let steps = ["wait:no server answers", "shot", end, "wait:exit 0", "shot"]
        let shots = try await screens(40, steps, top)
        #expect(shots[0].contains("0 in the last minute"))
        #expect(shots[0].contains("none today"))
        #expect(shots[0].contains("q to quit"))
        #expect(!shots[0].contains("before"))
        #expect(shots[1].hasPrefix("before\n") && shots[1].contains("\nexit 0\n"), "\(shots[1])")
        #expect(!shots[1].contains("q to quit") && !shots[1].contains("refusals"), "\(shots[1])")
    }

    @Test func `top fits itself to a terminal that changes its size`() async throws {
        let steps = [
            "wait:q to quit", "size:100x20", "wait:http://127.0.0.1:9", "shot", "size:20x5", "wait:usage 20", "shot",
        ]
        let shots = try await screens(30, steps + ["keys:q", "wait:exit 0"], top)
        #expect(shots[0].contains("no server answers at http://127.0.0.1:9\n"))
        #expect(shots[1].split(separator: "\n").count <= 5)
    }

    @Test func `the terminal echoes again after top`() async throws {
        let command = [
            "bash", "-c", "\"$0\" usage top; stty -a | tr ' ;' '\\n\\n' | grep -cx -e echo -e icanon -e isig",
        ]
        let shots = try await screens(60, ["wait:q to quit", "keys:q", "wait:exit 0", "shot"], command + [top[0]])
        #expect(shots[0].contains("\n3\n"))
    }

    @Test func `without a terminal top is printed once`() async throws {
        let outcome = try await context.admin("usage top")
        #expect(outcome.isSuccess)
        #expect(outcome.output.contains("no server answers at http://127.0.0.1:9"))
        #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("q to quit"))
    }

    @Test func `top sees vends, refusals and researchers of the last minutes`() async throws {
        let key = try context.add("now")
        try await context.vend(key, at: Date(), times: 5)
        try context.refuse(.quotaExhausted, key, at: Date())
        let output = try await context.admin("usage top").output
        #expect(output.contains("5 in 10 minutes"), "\(output)")
        #expect(output.contains("1 researcher in 5 minutes, 1 in the last hour"))
        #expect(output.contains("now "))
        #expect(output.contains("per 10 s  ") && output.contains("  max 5\n"))
        #expect(output.contains("refusals  1 today: quota_exhausted\n"))
        #expect(output.contains("researcher   vends  last      in the last 10 minutes, UTC"))
        #expect(output.contains("━") && !output.contains("█━"))
    }
}
