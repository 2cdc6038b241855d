import BursarFiles
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

struct StandardPathsTests {
    @Test func `folders are under the home folder unless XDG says otherwise`() throws {
        let paths = StandardPaths(environment: ["HOME": "/home/ada lovelace"])
        #expect(try paths.config() == "/home/ada lovelace/.config")
        #expect(try paths.cache() == "/home/ada lovelace/.cache")
        #expect(try paths.state() == "/home/ada lovelace/.local/state")
    }

    @Test func `XDG folders need no home folder`() throws {
        let paths = StandardPaths(environment: [
            "XDG_CONFIG_HOME": "/c", "XDG_CACHE_HOME": "/k", "XDG_STATE_HOME": "/s",
        ])
        #expect(try paths.config() == "/c")
        #expect(try paths.cache() == "/k")
        #expect(try paths.state() == "/s")
    }

    @Test(arguments: ["relative", "", "./here"])
    func `an XDG value that isn't absolute is ignored`(value: String) throws {
        let paths = StandardPaths(environment: ["HOME": "/home/ada", "XDG_CONFIG_HOME": value])
        #expect(try paths.config() == "/home/ada/.config")
    }

    @Test func `without HOME the system's own word counts`() throws {
        let paths = StandardPaths(environment: [:]) { "/home/ada" }
        #expect(try paths.home() == "/home/ada")
        #expect(try paths.config() == "/home/ada/.config")
        let account = try #require(PasswordEntry.home(of: nil))
        #expect(try StandardPaths(environment: [:]).home() == FilePath(account))
    }

    @Test(arguments: [nil, "", "ada"] as [FilePath?])
    func `a user without a home folder has none`(folder: FilePath?) {
        let paths = StandardPaths(environment: [:]) { folder }
        #expect(throws: StandardPaths.HomeDirectoryError()) { try paths.home() }
    }

    @Test(arguments: [["HOME": ""], ["HOME": "ada"]])
    func `a HOME that is no folder is an error, whatever the system says`(environment: [String: String]) {
        let paths = StandardPaths(environment: environment) { "/home/ada" }
        #expect(throws: StandardPaths.HomeDirectoryError()) { try paths.config() }
        #expect(throws: StandardPaths.HomeDirectoryError()) { try paths.home() }
    }
}

/// `~` where the shell left it: in `--output=~/x`, in quotes, in files of settings.
struct TildeTests {
    private let paths = StandardPaths(environment: ["HOME": "/home/ada lovelace"])

    @Test(arguments: [
        ("~", "/home/ada lovelace"), ("~/", "/home/ada lovelace"), ("~/db/b.sqlite", "/home/ada lovelace/db/b.sqlite"),
        ("~//etc/x", "/home/ada lovelace/etc/x"), ("/a/~/b", "/a/~/b"), ("a~", "a~"), ("./~x", "./~x"), ("", ""),
        ("a$HOME/x", "a$HOME/x"), ("/a/$5/$", "/a/$5/$"), ("a:b", "a:b"), ("it's", "it's"), ("a b", "a b"),
        ("~/~", "/home/ada lovelace/~"),
    ])
    func `at the beginning it is the home folder, elsewhere a name`(text: String, path: String) throws {
        #expect(try paths.path(text) == FilePath(path))
    }

    @Test(arguments: ["~ada", "~ada/x", "~+", "~root/db"])
    func `another person's home is refused, never made as a folder`(text: String) {
        let error = #expect(throws: PathError.self) { try paths.path(text) }
        #expect(error?.description == "\(text): the shell left the ~ as it is, and only ~/ is known here")
        #expect(error?.hint == "write the folder out, or ./\(text) for a file of that name")
    }

    @Test func `without HOME it is the folder that the system has for the user`() throws {
        #expect(try StandardPaths(environment: [:]) { "/home/ada" }.path("~/x") == "/home/ada/x")
    }

    @Test(
        arguments: [([:], nil), (["HOME": ""], "/home/ada"), (["HOME": "ada"], "/home/ada")]
            as [([String: String], FilePath?)]
    )
    func `without a home it leads nowhere`(environment: [String: String], folder: FilePath?) {
        let paths = StandardPaths(environment: environment) { folder }
        let error = #expect(throws: PathError.self) { try paths.path("~/x") }
        #expect(error?.description == "~/x: HOME is not set to a folder, so ~ leads nowhere")
        #expect(throws: Never.self) { try paths.path("x") }
    }
}

/// Characters that a shell or a settings file should have removed from a path.
struct UnexpandedPathTests {
    private let paths = StandardPaths(environment: ["HOME": "/home/ada"])

    @Test(arguments: [
        ("$HOME/x", "$HOME/x: $HOME was left as it is, and nothing of that name is there"),
        ("${HOME}/x", "${HOME}/x: $HOME was left as it is"), ("${HOME:-/x}", "$HOME was left as it is"),
        ("/srv/$USER/db", "/srv/$USER/db: $USER was left as it is"), ("~/$DIR/x", "~/$DIR/x: $DIR was left as it is"),
        ("$(pwd)/x", "$(pwd)/x: $(\u{2026}) was left as it is"), ("/a/$_x", "$_x was left as it is"),
        ("\"/a/x\"", "\"/a/x\": the quotation marks were left"), ("'/a/x'", "quotation marks"),
        ("\"$HOME/x\"", "quotation marks"), ("\u{201C}/a/x\u{201D}", "quotation marks"), ("\"/a/x", "quotation marks"),
        ("sqlite:///a/x", "sqlite:\u{2026}, an address"), ("SQLite:x", "SQLite:\u{2026}, an address"),
        ("file:/a/x", "an address"), ("file:///a/x", "an address"), ("\"sqlite:////a/x\"", "an address"),
        ("postgres://ada:hunter2@db/x", "postgres:\u{2026}, an address"),
        ("/a/x ", "begins or ends with a blank"), (" /a/x", "begins or ends"), ("/a/x\r", "begins or ends"),
    ])
    func `it is refused, never made as a folder, and no password is shown`(text: String, said: String) {
        let error = #expect(throws: PathError.self) { try paths.path(text) }
        #expect(error?.description.contains(said) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.hint.isEmpty == false)
    }

    @Test(arguments: ["$HOME", "${HOME}", "x "])
    func `a folder that is there may have such a name`(name: String) throws {
        let folder = try TemporaryFolder()
        let there = folder.path.appending(name)
        try FileManager.default.createDirectory(atPath: there.string, withIntermediateDirectories: false)
        #expect(try paths.path(there.string) == there)
        #expect(try paths.path(there.string + "/x") == there.appending("x"))
    }
}
