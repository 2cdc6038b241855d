import BursarFoundation
import TestSupport
import Testing

private let released = Checkout.root + ".build/portable/creds"

/// The system that a released `creds` may need, and the packages that a release may be made of.
struct PortableTests {
    private func program(_ source: String, in place: Workplace, _ options: [String] = []) async throws -> String {
        let file = place.folder + "/program.c"
        try Data(source.utf8).write(to: URL(filePath: file))
        try succeeded(await place.run("cc", [file, "-o", place.folder + "/program"] + options))
        return place.folder + "/program"
    }

    private func check(_ arguments: [String], in place: Workplace) async throws -> Program.Outcome {
        try await place.run(Checkout.root + "Scripts/check-portable", arguments)
    }

    @Test(arguments: [
        ("#include <stdlib.h>\nint main(void) { return arc4random() & 1; }", "arc4random@GLIBC_2.36"),
        (
            "#define _GNU_SOURCE\n#include <unistd.h>\nint main(void) { return close_range(9, 9, 0); }",
            "close_range@GLIBC_2.34"
        ),
        ("int main(void) { return 0; }", "__libc_start_main@GLIBC_2.34"),
    ])
    func `a program that needs a newer C library is refused, and the symbol named`(source: String, symbol: String)
        async throws
    {
        let place = try Workplace()
        let outcome = try await check([program(source, in: place)], in: place)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("needs a newer C library than 2.28:"))
        #expect(outcome.errors.contains(" " + symbol), "\(outcome.errors)")
    }

    @Test func `a library that not every system has is refused`() async throws {
        let place = try Workplace()
        let source = "int main(void) { return 0; }"
        let path = try await program(source, in: place, ["-Wl,--no-as-needed", "-lsqlite3"])
        let outcome = try await check([path, "2.99"], in: place)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("needs libsqlite3.so.0, which not every system has"))
    }

    @Test func `a program that needs no more than is allowed is listed with what it needs`() async throws {
        let place = try Workplace()
        let outcome = try await check([program("int main(void) { return 0; }", in: place), "2.34"], in: place)
        #expect(outcome.output == "glibc 2.34; libc.so.6\n")
        let none = try await check([Checkout.root + "Scripts/check-portable"], in: place)
        #expect(none.exitCode == 1)
    }

    /// Where a release was made on this machine, it is that one which is looked at.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: released), "no release was built here"))
    func `the creds that was linked for old systems needs nothing newer`() async throws {
        let outcome = try await succeeded(check([released], in: try Workplace()))
        // libcurl and libexpat are opened when they are needed.
        #expect(!outcome.output.contains("libexpat") && !outcome.output.contains("libcurl"))
    }

    /// glibc 2.28 doesn't tell an unwinder where an object's tables are; on newer systems the program's own answer counts.
    @Test func `an exception is caught with what is linked in for old systems`() async throws {
        let place = try Workplace()
        let source = """
            #include <cstdio>
            #include <stdexcept>
            static int deeper(int depth) { return depth > 9 ? throw std::runtime_error("caught") : deeper(depth + 1); }
            int main() { try { return deeper(0); } catch (const std::exception &error) { std::puts(error.what()); } }
            """
        try Data(source.utf8).write(to: URL(filePath: place.folder + "/throws.cpp"))
        let link = """
            cd "$1" && cc -Wall -Wextra -Werror -c "$0" -o portable.o
            g++ -static-libgcc -static-libstdc++ throws.cpp portable.o -o throws && ./throws && nm throws
            """
        let outcome = try await succeeded(
            place.run("/bin/sh", ["-c", link, Checkout.root + "Scripts/portable.c", place.folder])
        )
        #expect(outcome.output.hasPrefix("caught\n"))
        #expect(outcome.output.contains(" T _dl_find_object"))
    }

    @Test func `what was resolved is what was tested`() async throws {
        try succeeded(await Workplace().run(Checkout.root + "Scripts/check-versions", []))
    }

    @Test(arguments: [
        (#""version" : "7.10.0""#, #""version" : "7.11.0""#, "resolved: grdb.swift\t7.11.0"),
        (#""version" : "7.10.0""#, #""branch" : "master""#, "resolved: grdb.swift\tno version"),
        (#""identity" : "yams""#, #""identity" : "yaml""#, "tested:   yams\t"),
    ])
    func `another version, a branch or another package is refused`(was: String, now: String, said: String) async throws
    {
        let place = try Workplace()
        let resolved = try text("Package.resolved")
        try #require(resolved.contains(was))
        try Data(resolved.replacing(was, with: now).utf8).write(to: URL(filePath: place.folder + "/Package.resolved"))
        let outcome = try await place.run(Checkout.root + "Scripts/check-versions", [place.folder])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains(said), "\(outcome.errors)")
        #expect(outcome.errors.contains("error: the packages are not those that were tested"))
    }

    @Test func `a release of a creds that needs more ends there`() throws {
        // In an argument of another command, its failure would be lost.
        #expect(
            try text("Scripts/release").contains("\n        needs=$(Scripts/check-portable \"$stage/bin/creds\")\n")
        )
    }

    @Test func `a release and the checks hold the packages to that list`() throws {
        for file in ["Scripts/release", "Scripts/check", "Packaging/container/Containerfile"] {
            #expect(try text(file).contains("Scripts/check-versions"), "\(file)")
        }
    }
}
