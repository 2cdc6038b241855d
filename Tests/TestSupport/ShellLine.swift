/// A line for a shell, taken apart as far as tests need it.
package enum ShellLine {
    /// The programs that this checkout builds.
    private static let programs: Set<Substring> = ["admin", "creds", "vending-server"]
    /// Programs that run the rest of their arguments.
    private static let wrappers: Set<Substring> = [
        "sudo", "runuser", "env", "exec", "time", "timeout", "docker", "podman", "kubectl", "ssh", "systemd-run",
    ]

    /// Bursar's commands in a line, each from its name on, with its redirections: also those in pipelines, in `$(…)`
    /// and behind `sudo` and its like.
    package static func ours(in line: String) -> [String] {
        simpleCommands(of: line).compactMap(ours(simple:))
    }

    /// The words of a command, without quotes and without redirections.
    package static func words(of command: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in command {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character == " " {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words.prefix { !$0.hasPrefix(">") && !$0.hasPrefix("<") && !$0.hasPrefix("2>") }.map { $0 }
    }

    private static func ours(simple command: Substring) -> String? {
        var rest = command.drop { $0 == " " || $0 == "{" || $0 == "(" || $0 == "!" }
        while let assignment = rest.prefixMatch(of: /[A-Za-z_][A-Za-z_0-9]*=("[^"]*"|'[^']*'|[^ ]*) +/) {
            rest = rest[assignment.range.upperBound...]
        }
        var name = rest.prefix { $0 != " " }
        if wrappers.contains(name) {
            var isEntryPoint = false
            while !rest.isEmpty, !programs.contains(name.split(separator: "/").last ?? "") {
                isEntryPoint = name == "--entrypoint"
                rest = rest.drop { $0 != " " }.drop { $0 == " " }
                name = rest.prefix { $0 != " " }
            }
            // The image or service stands between the program and its arguments.
            if isEntryPoint { rest = name + rest.dropFirst(name.count + 1).drop { $0 != " " } }
        }
        let program = name.split(separator: "/").last ?? ""
        let arguments = rest.dropFirst(name.count)
        guard programs.contains(program), arguments.isEmpty || arguments.hasPrefix(" ") else { return nil }
        var command = program + arguments
        while let last = command.last, " )}".contains(last) { command.removeLast() }
        return String(command)
    }

    /// Parts between `|`, `;` and `&`, and the same of what stands in `$(…)`; a comment at the end is left out.
    private static func simpleCommands(of line: String) -> [Substring] {
        var commands: [Substring] = []
        var start = line.startIndex
        var quote: Character?
        var index = line.startIndex
        while index < line.endIndex {
            let character = line[index]
            let next = line.index(after: index)
            if character == "$", quote != "'", next < line.endIndex, line[next] == "(" {
                let end = closing(of: next, in: line)
                commands += simpleCommands(of: String(line[line.index(after: next)..<end]))
                index = end
                if index == line.endIndex { break }
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else if quote == nil, character == "#", index == line.startIndex || line[line.index(before: index)] == " "
            {
                break
            } else if quote == nil, "|;&".contains(character) {
                commands.append(line[start..<index])
                start = next
            }
            index = line.index(after: index)
        }
        return commands + [line[start..<index]]
    }

    private static func closing(of open: String.Index, in line: String) -> String.Index {
        var depth = 0
        for index in line[open...].indices {
            if line[index] == "(" { depth += 1 }
            if line[index] == ")" { depth -= 1 }
            if depth == 0 { return index }
        }
        return line.endIndex
    }
}
