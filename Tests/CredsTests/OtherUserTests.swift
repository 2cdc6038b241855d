import BursarFoundation
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `creds` as users without privileges; becoming one takes root, who is not bound by file modes.
@Suite(.enabled(if: OtherUser.canBecome))
struct OtherUserTests {
    let home: Home
    private let ada = OtherUser(id: 61_001)
    private let eve = OtherUser(id: 61_002)

    init() throws {
        home = try Home()
        try ada.own(home, "")
    }

    @Test func `another user can read nothing of it, whatever the umask`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            let script = """
                umask 000; mkdir "$HOME/.config" "$HOME/.cache"
                "$CREDS" install --url \(server.url) && "$CREDS" process && "$CREDS" process --profile nobody
                """
            let ran = try await ada.run(["/bin/sh", "-c", script], home, input: Home.key)
            #expect(ran.output.contains("ASIAEXAMPLE0000000001"))
            let readable = try await eve.run(["/usr/bin/find", home.path.string, "-type", "f", "-readable"], home)
            #expect(readable.output == home.path.appending("asked").string + "\n")
            let stolen = try await eve.creds(["process"], home)
            #expect(stolen.exitCode == 1 && stolen.output.isEmpty)
            #expect(stolen.errors.hasPrefix("creds: error: \(home.path)/.config/bursar/temp-bedrock.json: permission"))
            #expect(server.asked == 1)
        }
    }

    /// The state that `sudo creds install` leaves.
    @Test func `doctor names a folder of another user, which looks empty`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            try eve.own(home, ".config/bursar")
            let folder = "\(home.path)/.config/bursar"
            let seen = try await ada.creds(["doctor"], home).output
            let message = "~/.config/bursar: belongs to another user; take it over only if it is to be yours\n"
            #expect(seen.contains(message))
            #expect(seen.contains(#"fix: sudo chown -R "$(id -un)" '\#(folder)'\#n"#))
        }
    }

    @Test func `a session that another user put there is not believed`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            try home.writeDueSession(left: 3000)
            for file in [".cache", ".cache/bursar"] { try ada.own(home, file) }
            try eve.own(home, try #require(try home.cacheFile()))
            #expect(try await ada.creds(["process"], home).output.contains("ASIAEXAMPLE0000000001"))
        }
    }

    @Test func `a home that can't be written says so, and stays as it is`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            try home.setMode(0o555, "")
            let failed = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            #expect(failed.exitCode == 1)
            #expect(
                failed.errors.hasSuffix(
                    """
                    creds: error: \(home.path)/.config: permission denied
                    creds: hint: make it writable, or say with XDG_CONFIG_HOME and AWS_CONFIG_FILE where files may go

                    """
                )
            )
            #expect(home.files == ["asked"])
        }
    }

    @Test func `a config file that can't be written leaves no profile behind`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            try home.write("[default]\n", to: ".aws/config")
            try home.setMode(0o755, ".aws")
            let failed = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            #expect(failed.exitCode == 1)
            #expect(failed.errors.contains("creds: error: \(home.path)/.aws/config: permission denied\n"))
            #expect(home.text(".config/bursar/temp-bedrock.json") == nil)
        }
    }

    /// The state that `sudo creds install` leaves.
    @Test func `a config of root's is to be chowned, as install and doctor say`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            try OtherUser(id: 0).own(home, ".aws/config")
            let file = "\(home.path)/.aws/config"
            let failed = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            let chown = #"sudo chown "$(id -un)" '\#(file)'"#
            #expect(failed.errors.contains("hint: \(chown), if it is to be yours\n"), "\(failed.errors)")
            let seen = try await ada.creds(["doctor"], home).output
            #expect(seen.contains("fix: \(chown)\n") && seen.contains("if it is to be yours"), "\(seen)")
        }
    }

    @Test(arguments: [true, false])
    func `a cache that can't be written serves what it has, else the server is asked`(isCached: Bool) async throws {
        try await FakeBursar.run(.hour, .broken, home: home) { server in
            _ = try await ada.creds(["install", "--url", server.url], home, input: Home.key)
            try home.writeDueSession()
            let cache = try #require(try home.cacheFile())
            for file in [".cache", ".cache/bursar", cache] { try ada.own(home, file) }
            if !isCached { try FileManager.default.removeItem(atPath: home.path.appending(cache).string) }
            try home.setMode(0o500, ".cache/bursar")
            let first = try await ada.creds(["process"], home)
            #expect(first.isSuccess && first.errors.isEmpty)
            #expect(first.output.contains("ASIAEXAMPLE0000000001"))
            // The server has no further response.
            let second = try await ada.creds(["process"], home)
            #expect(second.isSuccess == isCached)
            #expect(second.output.contains("ASIADUE000000000000") == isCached)
            #expect(second.errors.isEmpty == isCached)
        }
    }
}

/// A user without an account.
struct OtherUser {
    static let canBecome = geteuid() == 0 && (try? FilePath("/usr/bin/setpriv").stat()) != nil
    let id: Int

    func creds(_ arguments: [String], _ home: Home, input: String = "") async throws -> Program.Outcome {
        try await run([Checkout.program("creds")] + arguments, home, input: input)
    }

    func run(_ command: [String], _ home: Home, input: String = "") async throws -> Program.Outcome {
        let environment = home.environment.merging(["CREDS": Checkout.program("creds")]) { $1 }
        let options = ["--reuid=\(id)", "--regid=\(id)", "--clear-groups", "--no-new-privs"]
        return try await Program("/usr/bin/setpriv", environment: environment).run(options + command, input: input)
    }

    func own(_ home: Home, _ name: String) throws {
        let attributes: [FileAttributeKey: Any] = [.ownerAccountID: id, .groupOwnerAccountID: id]
        try FileManager.default.setAttributes(attributes, ofItemAtPath: home.path.appending(name).string)
    }
}

extension Home {
    func setMode(_ mode: Int, _ name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.appending(name).string)
    }
}
