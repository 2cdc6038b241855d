import CArguments

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The words that the program was started with; `CommandLine.arguments` isn't used anywhere.
///
/// On Linux Swift finds its arguments by walking up the stack from `environ`. A preloaded library that calls `setenv`
/// moves `environ`, and a command then looks like one without arguments
/// (https://github.com/swiftlang/swift/issues/76080). A program without `/proc` loses them in the same way.
package struct ProgramArguments: Equatable, Sendable {
    /// The name that started the program: a path, or a name found in `PATH`.
    package let name: String
    /// Everything after the name.
    package let words: [String]

    /// nil for an empty list: even a program without arguments has a name.
    init?(_ all: [String]) {
        guard let name = all.first else { return nil }
        self.name = name
        words = Array(all.dropFirst())
    }

    /// The arguments of this process: those that its constructors got, else those in `/proc/self/cmdline`.
    package init?() {
        let handedOver = (0..<carguments_count()).compactMap { carguments_at($0).map { String(cString: $0) } }
        self.init(handedOver.isEmpty ? Self.parse(Self.read("/proc/self/cmdline")) : handedOver)
    }

    /// Takes apart what Linux puts into `cmdline`: each argument, empty ones too, with a NUL after it.
    static func parse(_ bytes: [UInt8]) -> [String] {
        guard !bytes.isEmpty else { return [] }
        let text = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        return text.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The whole file; nothing when it can't be opened.
    private static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

extension ProgramArguments {
    /// The arguments of this process; ends it with one line on stderr and exit code 64 when they can't be had.
    ///
    /// A command that acts on other arguments than it was given is worse than none: `admin keys revoke` would print
    /// help and succeed.
    package static func orExit(program: String) -> ProgramArguments {
        if let arguments = ProgramArguments() { return arguments }
        try? StandardStream.errors.write("\(program): error: the command line can't be read: is /proc mounted?\n")
        exit(64)
    }
}
