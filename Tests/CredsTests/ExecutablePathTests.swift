import SystemPackage
import TestSupport
import Testing

@testable import creds

/// The path that is written to `~/.aws/config`.
struct ExecutablePathTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.write("", to: "Cellar/1.0/creds")
        try home.write("", to: "other/creds")
        try home.write("", to: "opt/x")
        try home.link("opt/creds", to: "../Cellar/1.0/creds")
    }

    @Test(arguments: [
        // Called by the link, found by name, found by name behind another program of that name.
        ("H/opt/creds", "", "H/opt/creds"),
        ("creds", "H/opt", "H/opt/creds"),
        ("creds", "relative::H/none:H/other:H/opt:/bin", "H/opt/creds"),
        // A relative name, another program, nothing.
        ("opt/creds", "H/opt", "H/Cellar/1.0/creds"),
        ("H/other/creds", "H/opt", "H/Cellar/1.0/creds"),
        ("creds", "H/other", "H/Cellar/1.0/creds"),
        ("creds", "", "H/Cellar/1.0/creds"),
        ("", "H/opt", "H/Cellar/1.0/creds"),
    ])
    func `a link to this very program is kept`(name: String, search: String, expected: String) {
        let path = ExecutablePath.lasting(inHome("H/Cellar/1.0/creds"), calledAs: inHome(name), search: inHome(search))
        #expect(path == inHome(expected))
    }

    @Test func `install writes the link that it was called by`() async throws {
        try home.link("opt/linked creds", to: Checkout.program("creds"))
        try await FakeBursar.run(.hour, home: home) { server in
            let installed = try await Program(inHome("H/opt/linked creds"), environment: home.environment)
                .run(["install", "--url", server.url], input: Home.key)
            #expect(installed.isSuccess)
            let line = inHome("\ncredential_process = 'H/opt/linked creds' process --profile temp-bedrock\n")
            #expect(home.text(".aws/config")?.contains(line) == true)
        }
    }

    private func inHome(_ text: String) -> String {
        text.replacing("H/", with: home.path.string + "/")
    }
}
