import BursarModel
import Testing

/// Keys as mails, editors and shells hand them over.
struct PastedKeyTests {
    private static let key = "bursar_0123456789ab_" + String(repeating: "A", count: 43) + "29NqnH"

    @Test(
        arguments: [
            "KEY", " KEY\r\n", "\u{FEFF}KEY", "\u{A0}KEY\u{A0}", "\u{200B}KEY\u{200B}\n", "\"KEY\"", "'KEY'\n", "“KEY”",
            "‘KEY’", "«KEY»", "`KEY`", "\tKEY\u{2028}", "\u{2060}KEY\u{200E}", "\"KEY", " \" KEY \" ", "KEY\u{0}",
            "HEAD\r\nTAIL", "HEAD\u{AD}TAIL", "HEAD\u{200B}TAIL", "HEAD \u{A0} TAIL",
        ]
    )
    func `what can't be seen, and quotes, are passed over`(form: String) throws {
        let text = form.replacing("KEY", with: Self.key).replacing("HEAD", with: Self.key.prefix(40))
            .replacing("TAIL", with: Self.key.dropFirst(40))
        #expect(try PastedKey.read(text).text.reveal() == Self.key)
        #expect(try PastedKey.read(Array(text.utf8)).text.reveal() == Self.key)
    }

    @Test(arguments: [true, false], [true, false])
    func `UTF-16 is read as PowerShell writes it`(highFirst: Bool, hasMark: Bool) throws {
        let units = Array(((hasMark ? "\u{FEFF}" : "") + Self.key + "\r\n").utf16)
        let bytes = units.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return highFirst ? [high, low] : [low, high]
        }
        #expect(try PastedKey.read(bytes).text.reveal() == Self.key)
    }

    private static let flaws: [(String, PastedKey.ParseError)] = [
        (key.replacing("0123", with: "01\u{421}3"), .stray("\u{421}")),
        (key.replacing("AAAA2", with: "AAA-2"), .stray("-")),
        (key.replacing("AAAA2", with: "AAA-A2"), .malformed(.notAKey)),
        (key.replacing("9N", with: "9\u{39D}"), .stray("\u{39D}")),
        (key.replacing("9Nq", with: "9Np"), .malformed(.mistyped)),
        (String(key.dropLast()), .malformed(.notAKey)),
        (key + key, .malformed(.notAKey)),
        ("", .malformed(.notAKey)),
        ("\"\"", .malformed(.notAKey)),
        ("\u{200B}", .malformed(.notAKey)),
        ("hunter 2", .malformed(.notAKey)),
        ("x-api-key: \(key)", .surrounded(before: "x-api-key:", after: "")),
        ("<\(key)>", .surrounded(before: "<", after: ">")),
        ("KEY=\(key)\n", .surrounded(before: "KEY=", after: "")),
        ("export BURSAR_KEY=\"\(key)\"", .surrounded(before: "export BURSAR_KEY=\"", after: "\"")),
        ("$env:KEY = '\(key)'", .surrounded(before: "$env:KEY = '", after: "'")),
        ("Authorization: Bearer \(key)\r\n", .surrounded(before: "Authorization: Bearer", after: "")),
        ("Bearer\n\(key.prefix(30))\n\(key.dropFirst(30))", .surrounded(before: "Bearer", after: "")),
        ("hunter2 \(key) hunter3", .surrounded(before: "\u{2026}", after: "\u{2026}")),
        ("\(key).", .surrounded(before: "", after: ".")),
        ("your key: \(key)", .surrounded(before: "\u{2026}", after: "")),
        ("\(key) \(key)", .malformed(.notAKey)),
    ]

    @Test(arguments: flaws)
    func `what is no key is refused by what is wrong with it`(text: String, flaw: PastedKey.ParseError) {
        #expect(throws: flaw) { try PastedKey.read(text) }
    }

    @Test(arguments: [[0xFF], [0xFF, 0xFE, 0x00, 0xD8], [0x62, 0x75, 0xC3]] as [[UInt8]])
    func `bytes that are no text are refused as such`(bytes: [UInt8]) {
        #expect(throws: PastedKey.ParseError.notText) { try PastedKey.read(bytes) }
    }
}

/// Malformed keys and values out of range have different errors.
@Suite struct PastedKeyErrorTests {
    @Test(arguments: [
        ("10.0.0.0/33", "ends in /33, and a block of IPv4 addresses has /0 to /32"),
        ("2001:db8::/129", "ends in /129, and a block of IPv6 addresses has /0 to /128"),
        ("::ffff:10.0.0.0/90", "ends in /90, and a block of IPv4 addresses mapped into IPv6 has /96 to /128"),
        ("192.0.2.300", "has 300 in it, and numbers in an IPv4 address go up to 255"),
        ("256.0.0.0/8", "has 256 in it, and numbers in an IPv4 address go up to 255"),
        ("192.0.2.99999999999999999999", "has 999999999 in it, and numbers in an IPv4 address go up to 255"),
        ("010.0.0.1", "has 010 in it, which some programs read as octal: write it without the 0 in front"),
        ("example.org", "is not an address block"), ("10.0.0/8", "is not an address block"),
        ("10.0.0.0/", "is not an address block"), ("10.0.0.0/-1", "is not an address block"),
        ("1.2.3.4.5", "is not an address block"), ("", "is not an address block"), ("x/33", "is not an address block"),
    ])
    func `an address`(_ entry: String, _ flaw: String) {
        #expect(CIDRBlock(entry) == nil)
        #expect(AddressList.flaw(of: entry) == flaw)
    }

    @Test(arguments: [
        ("2026-02-30", "is not a day that there is"), ("2026-13-01", "is not a day that there is"),
        ("2026-00-10", "is not a day that there is"), ("2025-02-29", "is not a day that there is"),
        ("30.11.2026", "is not written as a day is"), ("2026-2-3", "is not written as a day is"),
        ("tomorrow", "is not written as a day is"), ("2026/11/30", "is not written as a day is"),
        ("20261130", "is not written as a day is"), ("", "is not written as a day is"),
        ("２０２６-11-30", "is not written as a day is"),
    ])
    func `a day`(_ text: String, _ flaw: String) {
        #expect(UTCDay(text) == nil)
        #expect(UTCDay.flaw(of: text) == flaw)
    }

    @Test(arguments: [
        ("40000d", "is longer than a hundred years"), ("9999999999", "is longer than a hundred years"),
        ("99999999999999999999d", "is longer than a hundred years"), ("36600d1s", "is longer than a hundred years"),
        ("1 hour", "is not a length of time"), ("h", "is not a length of time"), ("1h1d", "is not a length of time"),
        ("1w", "is not a length of time"), ("-1h", "is not a length of time"), ("", "is not a length of time"),
        ("1.5h", "is not a length of time"), ("1h30", "is not a length of time"), ("1d1d", "is not a length of time"),
    ])
    func `a length of time`(_ text: String, _ flaw: String) {
        #expect(TimeSpan(text) == nil)
        #expect(TimeSpan.flaw(of: text) == flaw)
    }
}
