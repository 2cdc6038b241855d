import SystemPackage
import TestSupport
import Testing

/// Each invalid argument gets one clear line with a hint, and leaves nothing behind.
struct RefusedInstallTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [
        ("http://example.org", "the key would travel in the clear: the address has to begin with https://"),
        ("https://ada:secret@example.org", "an address with a user name in it is not taken"),
        ("https://example.org/?key=x", "an address ends before ? and #"),
        ("example.org", "this is not a server's address"),
        ("https://", "this is not a server's address"),
        ("htp://example.org", "the address begins with neither https:// nor http://"),
        ("\"https://example.org\"", "there are quotation marks or brackets around the address"),
    ])
    func `an address that a key is not sent to`(url: String, problem: String) async throws {
        try await expect(problem, from: ["--url", url], input: Home.key, code: 64)
    }

    @Test(arguments: [
        ("", "this is not a Bursar key"),
        ("hunter2", "this is not a Bursar key"),
        (Home.key.replacing("A29NqnH", with: "B29NqnH"), "a character of the key is mistyped or missing"),
        (Home.key.dropLast() + "", "this is not a Bursar key"),
        (Home.key + Home.key, "this is not a Bursar key"),
        ("<\(Home.key)>", "there is more than a key: < stands before it, > stands after it"),
        ("export KEY=\(Home.key)", "there is more than a key: export KEY= stands before it"),
        ("Bearer \(Home.key)", "there is more than a key: Bearer stands before it"),
        ("hunter2 \(Home.key)", "there is more than a key: something stands before it"),
    ])
    func `text that is no key`(key: String, problem: String) async throws {
        let refused = try await expect(problem, from: ["--url", "https://localhost:1"], input: key)
        if key.count > 6 { #expect(!refused.errors.contains(key)) }
    }

    @Test func `a key file that others may read`() async throws {
        try home.write(Home.key, to: "key", mode: 0o644)
        let file = home.path.appending("key").string
        try await expect(
            "\(file): holds a secret, but others may read or change it",
            from: ["--url", "https://localhost:1", "--key-file", file]
        )
    }

    @Test func `a key file that isn't there`() async throws {
        try await expect(
            "/nowhere: no such file or folder",
            from: ["--url", "https://localhost:1", "--key-file", "/nowhere"]
        )
    }

    @Test(arguments: [
        ("exit 3", "the key command failed with exit code 3"), ("echo hunter2", "this is not a Bursar key"),
    ])
    func `a key command that brings none`(command: String, problem: String) async throws {
        try await expect(problem, from: ["--url", "https://localhost:1", "--key-command", command])
    }

    @Test(arguments: [
        ("[default]\n[a]\n[default]\n", ", line 3: a section comes a second time"),
        ("[default]\nregion = x\nregion = y\n", ", line 3: an option comes a second time in its section"),
        ("region = x\n[default]\n", ", line 1: something stands before the first [section]"),
        ("[default]\nregion\n", ", line 2: neither a [section] nor name = value"),
    ])
    func `a file that the AWS CLI can't read`(file: String, problem: String) async throws {
        try home.write(file, to: ".aws/config")
        try await expect("\(home.config)\(problem)", from: ["--url", "https://localhost:1"], input: Home.key)
        #expect(home.text(".aws/config") == file)
    }

    @Test func `a server that isn't there`() async throws {
        try await expect(
            "nothing answers at 127.0.0.1:1",
            from: ["--url", "http://127.0.0.1:1"],
            input: Home.key
        )
    }

    @Test func `a home folder that isn't there`() async throws {
        let arguments = ["install", "--url", "https://localhost:1"]
        let refused = try await Program(Checkout.program("creds"), environment: ["HOME": "home"])
            .run(arguments, input: Home.key)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.hasPrefix("creds: error: HOME is not set to a folder\ncreds: hint: "))
    }

    @Test(arguments: [
        ["--url", "https://localhost", "--profile", "a]b"], ["--url", "https://localhost", "--profile", ""],
        ["--url", "https://localhost", "--profile", "DEFAULT"], ["--url", "https://localhost", "--region", "us east"],
        ["--url", "https://localhost", "--key", "x"], ["--key-file", "a", "--key-command", "b"], [],
    ])
    func `misuse`(options: [String]) async throws {
        let refused = try await Program(Checkout.program("creds"), environment: home.environment)
            .run(["install"] + options, input: Home.key)
        #expect(refused.exitCode == 64)
        #expect(refused.output.isEmpty)
        #expect(home.files.isEmpty)
    }

    @discardableResult
    private func expect(
        _ problem: String,
        from options: [String],
        input: String = "",
        code: Int = 1
    ) async throws -> Program.Outcome {
        let before = home.files
        let refused = try await Program(Checkout.program("creds"), environment: home.environment)
            .run(["install"] + options, input: input)
        #expect(refused.exitCode == code)
        #expect(refused.output.isEmpty)
        #expect(refused.errors.hasPrefix("creds: error: \(problem)\ncreds: hint: "))
        #expect(refused.errors.split(separator: "\n").count == 2)
        #expect(home.files == before)
        return refused
    }
}
