import TestSupport
import Testing

/// The documentation tests parse pages correctly, and find errors in them.
@Suite struct PageReadingTests {
    private static let page = Page(
        name: "Docs/page.md",
        text: """
            # A page: `admin`, and more

            See [it](other.md#part), `[no](link.md)` and `creds whoami`.

            ```
            $ admin database init
            admin: made it
            ```

            ## Twice
            ## Twice

                admin keys list \\
                    --state active

            ```json
            {"command": "admin"}
            ```
            """
    )

    @Test func `blocks are those between fences and those that are indented`() {
        let blocks = Self.page.blocks
        #expect(blocks.map(\.language) == ["", "", "json"])
        #expect(blocks[0].typed == ["admin database init"])
        #expect(blocks[1].typed.flatMap { ShellLine.ours(in: $0) } == ["admin keys list      --state active"])
    }

    @Test func `links and anchors are what a reader can follow`() {
        #expect(Self.page.links == ["other.md#part"])
        #expect(Self.page.anchors == ["a-page-admin-and-more", "twice", "twice-1"])
        #expect(Self.page.inlineCode == ["admin", "[no](link.md)", "creds whoami"])
    }

    @Test(arguments: [
        ("admin doctor", ["admin doctor"]),
        ("journalctl -o cat | admin audit verify --anchor -", ["admin audit verify --anchor -"]),
        (#"eval "$(creds token --ttl 6h)""#, ["creds token --ttl 6h"]),
        ("eval \"$(creds serve --parent $$ &)\"", ["creds serve --parent $$"]),
        ("AWS_ACCESS_KEY_ID=a B='x y' creds doctor", ["creds doctor"]),
        ("sudo -u bursar /usr/local/bin/admin doctor; vending-server check", ["admin doctor", "vending-server check"]),
        ("admin database backup \"x-$(date -u +%F)\"   # nightly", ["admin database backup \"x-$(date -u +%F)\""]),
        ("docker compose run --rm --entrypoint admin server database init", ["admin database init"]),
        ("docker compose exec server admin keys list", ["admin keys list"]),
        ("install -m 755 vending-server admin /usr/local/bin/", []), ("admin: made it", []),
        ("admin.sh keys", []), ("echo 'admin | creds'", []),
    ])
    func `Bursar's commands are found wherever they stand`(_ line: String, _ commands: [String]) {
        #expect(ShellLine.ours(in: line) == commands)
    }

    @Test(arguments: [
        ("keys list --state active", true), ("keys list --stat active", false), ("key list", false),
        ("keys lst", false), ("--config x", true), ("help keys issue", true), ("doctor --format json > file", true),
        ("COMMAND", true),
    ])
    func `a command or option that isn't there is a flaw`(_ line: String, _ isRight: Bool) async throws {
        let flaw = try await CommandTree.of("admin").flaw(in: ShellLine.words(of: line))
        #expect((flaw == nil) == isRight)
    }
}
