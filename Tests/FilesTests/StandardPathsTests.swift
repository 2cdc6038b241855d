import Files
import SystemPackage
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
        #expect(throws: StandardPaths.HomeMissing()) { try paths.home() }
    }

    @Test(arguments: [["HOME": ""], ["HOME": "ada"]])
    func `a HOME that is no folder is an error, whatever the system says`(environment: [String: String]) {
        let paths = StandardPaths(environment: environment) { "/home/ada" }
        #expect(throws: StandardPaths.HomeMissing()) { try paths.config() }
        #expect(throws: StandardPaths.HomeMissing()) { try paths.home() }
    }
}

/// `~` where the shell left it: in `--output=~/x`, in quotes, in files of settings.
struct TildeTests {
    private let paths = StandardPaths(environment: ["HOME": "/home/ada lovelace"])

    @Test(arguments: [
        ("~", "/home/ada lovelace"), ("~/", "/home/ada lovelace"), ("~/db/b.sqlite", "/home/ada lovelace/db/b.sqlite"),
        ("~//etc/x", "/home/ada lovelace/etc/x"), ("/a/~/b", "/a/~/b"), ("a~", "a~"), ("./~x", "./~x"), ("", ""),
        ("$HOME/x", "$HOME/x"), ("~/~", "/home/ada lovelace/~"),
    ])
    func `at the beginning it is the home folder, elsewhere a name`(text: String, path: String) throws {
        #expect(try paths.path(text) == FilePath(path))
    }

    @Test(arguments: ["~ada", "~ada/x", "~+", "~root/db"])
    func `another person's home is refused, never made as a folder`(text: String) {
        let error = #expect(throws: StandardPaths.TildeError.self) { try paths.path(text) }
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
        let error = #expect(throws: StandardPaths.TildeError.self) { try paths.path("~/x") }
        #expect(error?.description == "~/x: HOME is not set to a folder, so ~ leads nowhere")
        #expect(throws: Never.self) { try paths.path("x") }
    }
}
