import FoundationEssentials
import TestSupport
import Testing

/// Commands and what they print, as the docs show them: `$ command`, then its lines; `…` stands for anything.
struct Transcript {
    struct Step: CustomTestStringConvertible {
        let command: String
        let lines: [String]

        var testDescription: String { command }
    }

    let steps: [Step]

    /// The first block of the file at `path` that begins with `$`, names in it replaced by what they stand for here.
    init(inFileAt path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let block = try #require(
            text.split(separator: "```\n").first { $0.hasPrefix("$ ") },
            "\(path) has a transcript"
        )
        var steps: [Step] = []
        for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), lines: []))
            } else if let last = steps.popLast() {
                steps.append(Step(command: last.command, lines: last.lines + [String(line)]))
            }
        }
        self.steps = steps
    }
}

extension Transcript.Step {
    func replacing(_ names: [String: String]) -> Self {
        func replaced(_ text: String) -> String {
            names.reduce(text) { $0.replacing($1.key, with: $1.value) }
        }
        return Self(command: replaced(command), lines: lines.map(replaced))
    }

    /// Fails the test for each line that differs.
    func expect(_ output: String) {
        var expected = lines[...]
        while expected.last == "" { expected.removeLast() }
        let printed = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(printed.count == expected.count, "\(command):\n\(output)")
        for (line, pattern) in zip(printed, expected) {
            #expect(Self.matches(line, pattern), "\(command): \"\(line)\" is not \"\(pattern)\"")
        }
    }

    private static func matches(_ line: Substring, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return line == pattern }
        guard line.hasPrefix(first), line.hasSuffix(last), line.count >= first.count + last.count else { return false }
        var rest = line.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
