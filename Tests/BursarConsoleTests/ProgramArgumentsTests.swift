#if os(Linux)
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import BursarConsole

/// A program's own arguments, in a binary that is linked as releases are.
///
/// With Swift's runtime inside, preloaded libraries come first; a debug build loads the runtime before them and doesn't
/// show the fault. Under each of these libraries `CommandLine.arguments` of Swift 6.2 is empty.
@Suite(.serialized) struct ProgramArgumentsTests {
    private static let arguments = ["revoke", "5ty6aekgn7mh", "--reason", "it's \"so\"", "", "--yes", "é\n"]

    /// Bodies of a constructor that runs before the program's own code.
    @Test(arguments: [
        "",
        // XALT, as many clusters preload it for everybody.
        #"setenv("XALT_RUN_UUID", "0c2f", 1);"#,
        #"putenv("A=1"); unsetenv("PATH");"#,
        "clearenv();",
        #"static char *other[] = {"A=1", 0}; environ = other;"#,
        "environ = 0;",
    ])
    func `a preloaded library can't take the arguments away`(constructor: String) async throws {
        let build = try StaticBuild()
        let program = try await build.program(cFlags: [])
        let library = try await build.library(constructor)
        let outcome = try await Program(program, environment: ["LD_PRELOAD": library, "PATH": "/usr/bin:/bin"])
            .run(Self.arguments)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.output == ([program] + Self.arguments).map { "<\($0)>" }.joined())
        #expect(outcome.errors.isEmpty)
    }

    @Test func `where constructors get no arguments the kernel's own list is read`() async throws {
        let build = try StaticBuild()
        let program = try await build.program(cFlags: ["-DCARGUMENTS_NOT_HANDED_OVER"])
        let outcome = try await Program(program).run(Self.arguments)
        #expect(outcome.output == ([program] + Self.arguments).map { "<\($0)>" }.joined())
        #expect(try await Program(program).run([]).output == "<\(program)>")
    }

    @Test(.enabled { await Namespaces.areAllowed() })
    func `without any list nothing is run: one line, nothing on stdout, and 64`() async throws {
        let build = try StaticBuild()
        let program = try await build.program(cFlags: ["-DCARGUMENTS_NOT_HANDED_OVER"])
        let outcome = try await Namespaces.runWithoutProc(Program(program), Self.arguments)
        #expect(outcome.exitCode == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "probe: error: the command line can't be read: is /proc mounted?\n")
    }

    @Test(.enabled { await Namespaces.areAllowed() })
    func `without /proc the arguments are there all the same`() async throws {
        let build = try StaticBuild()
        let program = try await build.program(cFlags: [])
        let outcome = try await Namespaces.runWithoutProc(Program(program), Self.arguments)
        #expect(outcome.output == ([program] + Self.arguments).map { "<\($0)>" }.joined())
    }

    @Test(arguments: [
        ("", []), ("a\0", ["a"]), ("a\0b\0", ["a", "b"]), ("a\0\0", ["a", ""]), ("\0", [""]), ("\0\0", ["", ""]),
        ("a\0b", ["a", "b"]),
    ])
    func `the kernel's list keeps empty arguments`(content: String, arguments: [String]) {
        #expect(ProgramArguments.parse(Array(content.utf8)) == arguments)
    }

    @Test func `a list without a name is none`() {
        #expect(ProgramArguments([]) == nil)
        #expect(ProgramArguments(["a"])?.words == [])
    }
}

/// A folder in which the sources of ``ProgramArguments`` become a program with Swift's runtime inside.
private struct StaticBuild {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path.string }

    init() throws {
        temporary = try TemporaryFolder()
    }

    /// A program that prints its name and its arguments.
    func program(cFlags: [String]) async throws -> String {
        let core = Checkout.root + "Packages/Core/"
        let main = try write(
            """
            let arguments = ProgramArguments.orExit(program: "probe")
            print(([arguments.name] + arguments.words).map { "<\\($0)>" }.joined(), terminator: "")
            """,
            to: "main.swift"
        )
        let include = "\(core)CArguments/include"
        try await run(["clang", "-c", "-I", include] + cFlags + ["-o", "c.o", "\(core)CArguments/CArguments.c"])
        let sources = ["ProgramArguments", "StandardStream", "UserFacingError"].map {
            "\(core)BursarConsole/\($0).swift"
        }
        try await run(
            ["swiftc", "-static-stdlib", "-package-name", "bursar", "-I", include, "-o", "probe", main] + sources
                + ["c.o"]
        )
        return folder + "/probe"
    }

    /// A library whose constructor does as `body` says.
    func library(_ body: String) async throws -> String {
        let source = try write(
            """
            #define _GNU_SOURCE
            #include <stdlib.h>
            #include <unistd.h>
            __attribute__((constructor)) static void start(void) { \(body) }
            """,
            to: "preload.c"
        )
        try await run(["clang", "-shared", "-fPIC", "-o", "preload.so", source])
        return folder + "/preload.so"
    }

    private func write(_ text: String, to name: String) throws -> String {
        try temporary.write(text, to: name).string
    }

    private func run(_ command: [String]) async throws {
        let environment = ProcessInfo.processInfo.environment
        let outcome = try await Program("/usr/bin/env", environment: environment).run(["-C", folder] + command)
        try #require(outcome.isSuccess, "\(outcome.errors)")
    }
}
#endif
