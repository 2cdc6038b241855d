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

    @Test(arguments: [[:], ["HOME": ""], ["HOME": "ada"]])
    func `no usable home folder is an error`(environment: [String: String]) {
        let paths = StandardPaths(environment: environment)
        #expect(throws: StandardPaths.HomeMissing()) { try paths.config() }
        #expect(throws: StandardPaths.HomeMissing()) { try paths.home() }
    }
}
