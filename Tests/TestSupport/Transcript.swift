/// Commands and what they print: `$ command`, then its lines, then `[exit N]` where N isn't 0; `## …` is a comment.
package struct Transcript: Equatable, Sendable {
    package struct Step: Equatable, Sendable, CustomStringConvertible {
        /// The comments that stand above it.
        package var preface: [String] = []
        package var command: String
        package var lines: [String] = []
        package var exitCode = 0

        package var description: String { command }
    }

    package var steps: [Step]

    package init(parsing text: String) {
        var steps: [Step] = []
        var preface: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("$ ") {
                steps.append(Step(preface: preface, command: String(line.dropFirst(2))))
                preface = []
            } else if line.hasPrefix("## ") {
                preface.append(line)
            } else if let last = steps.indices.last {
                guard let exitCode = Self.exitCode(line) else {
                    steps[last].lines.append(line)
                    continue
                }
                steps[last].exitCode = exitCode
            }
        }
        for index in steps.indices { steps[index].trim() }
        self.steps = steps
    }

    /// The blocks of a Markdown document that begin with a command.
    package static func blocks(ofMarkdown text: String) -> [Transcript] {
        let parts = text.split(separator: "```\n", omittingEmptySubsequences: false)
        return parts.filter { $0.hasPrefix("$ ") }.map { Transcript(parsing: String($0)) }
    }

    /// As it is written to a file.
    package var text: String {
        steps.enumerated().map { index, step in
            let gap = index == 0 || step.preface.isEmpty ? [] : [""]
            let exit = step.exitCode == 0 ? [] : ["[exit \(step.exitCode)]"]
            return (gap + step.preface + ["$ " + step.command] + step.lines + exit).map { $0 + "\n" }.joined()
        }.joined()
    }

    private static func exitCode(_ line: String) -> Int? {
        guard line.hasPrefix("[exit "), line.hasSuffix("]") else { return nil }
        return Int(line.dropFirst("[exit ".count).dropLast())
    }
}

extension Transcript.Step {
    /// Blank lines at the end are what separates it from the next.
    fileprivate mutating func trim() {
        while lines.last == "" { lines.removeLast() }
    }

    /// With each name in command and lines replaced by what it stands for.
    package func replacing(_ names: [String: String]) -> Self {
        func replaced(_ text: String) -> String {
            names.reduce(text) { $0.replacing($1.key, with: $1.value) }
        }
        return Self(
            preface: preface,
            command: replaced(command),
            lines: lines.map(replaced),
            exitCode: exitCode
        )
    }

    /// The differences of `output` from the lines here, in which `…` is anything, and any lines where it stands
    /// alone; empty when nothing does.
    package func differences(from output: String) -> [String] {
        var printed = output.split(separator: "\n", omittingEmptySubsequences: false)
        while printed.last == "" { printed.removeLast() }
        if lines.contains("…") {
            return Self.match(printed[...], lines[...]) ? [] : ["\(command): printed\n\(output)"]
        }
        guard printed.count == lines.count else { return ["\(command): printed\n\(output)"] }
        return zip(printed, lines).filter { !Self.matches($0, $1) }
            .map { "\(command): \"\($0)\" is not \"\($1)\"" }
    }

    private static func match(_ printed: ArraySlice<Substring>, _ patterns: ArraySlice<String>) -> Bool {
        guard let pattern = patterns.first else { return printed.isEmpty }
        guard pattern == "…" else {
            guard let line = printed.first, matches(line, pattern) else { return false }
            return match(printed.dropFirst(), patterns.dropFirst())
        }
        return (0...printed.count).contains { match(printed.dropFirst($0), patterns.dropFirst()) }
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
