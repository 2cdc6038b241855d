import BursarConsole
import Testing

struct ShellWordTests {
    @Test(arguments: [
        ("/usr/bin/creds", "/usr/bin/creds"),
        ("/home/ada lovelace/creds", "'/home/ada lovelace/creds'"),
        ("/a'b", #"'/a'"'"'b'"#),
        ("/$HOME/`x`\\", #"'/$HOME/`x`\'"#),
        ("/élève", "'/élève'"),
        ("/a#b;c", "'/a#b;c'"),
    ])
    func `a path is quoted for credential_process when it needs it`(path: String, word: String) {
        #expect(ShellWord.inCredentialProcess(path) == word)
    }

    @Test(arguments: ["", "/a\nb", "/a\u{7}b", "/a #b", "/a ;b"])
    func `a path that no quoting saves is refused`(path: String) {
        #expect(ShellWord.inCredentialProcess(path) == nil)
    }
}
