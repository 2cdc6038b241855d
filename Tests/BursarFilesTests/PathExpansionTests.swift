import BursarFiles
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

/// Paths expanded as Python's `os.path` does, which is what botocore does with them.
struct PathExpansionTests {
    private static let environment = [
        "HOME": "/home/ada", "X": "/x", "Y_1": "y y", "EMPTY": "", "AGAIN": "$X", "TILDE": "~/t", "SLASH": "/x/",
        "É": "no",
    ]
    static let paths = [
        "", "/a", "a", "./a", "~", "~/", "~/a", "~/a/~", "a/~", "~root", "~root/a", "~nosuchuser/a", "~ada", "$HOME",
        "$HOME/a",
        "${HOME}/a", "${HOME", "$", "$$", "$$X", "a$", "$X$X", "${X}${X}", "$X/$Y_1", "${Y_1}", "$Y_1z", "$NOTSET/a",
        "${NOTSET}/a",
        "${}", "$EMPTY", "${EMPTY}/a", "$AGAIN", "$TILDE", "$TILDE/a", "~$X", "~/$X", "$É/a", "$X é", "%X%", "\\$X",
        "'$X'",
        "${X:-y}", "$(X)", "$SLASH", "//a", "~//a", "$1", "${1}", "${X}}", "$X-$X",
    ]

    @Test func `a path is expanded as Python expands it`() async throws {
        let script =
            "import os, sys; print(*(os.path.expanduser(os.path.expandvars(path)) for path in sys.argv[1:]), sep='\\n')"
        let theirs = try await Program(
            "/usr/bin/python3",
            environment: Self.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
        )
        .run(["-c", script] + Self.paths)
        let lines = theirs.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        try #require(lines.count == Self.paths.count, "\(theirs.errors)")
        let expansion = PathExpansion(environment: Self.environment)
        for (path, line) in zip(Self.paths, lines) {
            #expect(expansion.expand(path) == (line.isEmpty ? nil : FilePath(String(line))), "\(path)")
        }
    }

    @Test func `without HOME the list of users is asked, and an empty HOME is no folder`() {
        let users = PathExpansion(environment: [:]) { $0 == nil ? "/home/me/" : nil }
        #expect(users.expand("~/a") == "/home/me/a")
        #expect(users.expand("~other/a") == "~other/a")
        #expect(PathExpansion(environment: ["HOME": ""]).expand("~/a") == nil)
        #expect(PathExpansion(environment: [:], homeFolder: { _ in nil }).expand("~/a") == "~/a")
    }
}
