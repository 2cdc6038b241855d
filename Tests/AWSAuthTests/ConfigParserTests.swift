import Testing

@testable import AWSAuth

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ConfigParserTests {
    func parse(_ text: String) throws -> [String: [String: ConfigValue]] {
        let sections = try ConfigParser.parse(Array(text.utf8))
        return Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0.settings) })
    }

    @Test(arguments: [
        "[a]\nB = c", "[a]\r\nb=c\r\n", "[a]\rb: c", "# x\n[a] trailing\n; y\n  b = c  \n", "\n\n[a]\n\nb\t=\tc\n\n",
    ])
    func `a setting is read however it is laid out`(text: String) throws {
        #expect(try parse(text) == ["a": ["b": .text("c")]])
    }

    @Test(arguments: [
        ("[a]\nb = c # d", "c # d"), ("[a]\nb = c=d:e", "c=d:e"), ("[a]\nb =", ""), ("[a]\nb = %c%", "%c%"),
        ("[a]\nb = c\n  d\n\n  e\n", "c\nd\n\ne"), ("[a]\nb = c\n # no\n  d", "c\nd"), ("[DEFAULT]\nb = x\n[a]\n", "x"),
        ("[DEFAULT]\nb = x\n[a]\nb = y\n", "y"), ("[a]\nb = \u{00A0}c\u{2003}", "c"), ("[a]\nb = e\u{301}", "e\u{301}"),
    ])
    func `a value is what Python's configparser makes of it`(text: String, value: String) throws {
        #expect(try parse(text)["a"]?["b"] == .text(value))
    }

    @Test func `an indented block is a setting of settings`() throws {
        #expect(try parse("[a]\ns3 =\n  b = c\n  d=e=f\n")["a"]?["s3"] == .nested(["b": "c", "d": "e=f"]))
    }

    @Test(arguments: [
        ("b = c", ConfigFault.noSection(line: 1)), ("\u{FEFF}[a]", .noSection(line: 1)), ("[]", .noSection(line: 1)),
        ("[a]\nb", .notASetting(line: 2)), ("[a]\n= c", .notASetting(line: 2)), ("[a]\n\n[a]", .sectionTwice(line: 3)),
        ("[a]\nb=1\nB=2", .settingTwice(line: 3)), ("[a]\nb =\n c\n", .notANestedSetting(line: 2)),
    ])
    func `what can't be read is named with its line`(text: String, fault: ConfigFault) {
        #expect(throws: fault) { try parse(text) }
    }

    /// A text, and what botocore makes of it; null where it gives up.
    private struct Read: Decodable {
        let text: String
        let sections: [String: [String: Value]]?

        enum Value: Decodable {
            case text(String)
            case nested([String: String])

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let text = try? value.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .nested(try value.decode([String: String].self))
                }
            }
        }

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            text = try row.decode(String.self)
            sections = try row.decodeIfPresent([String: [String: Value]].self)
        }

        var expected: [String: [String: ConfigValue]]? {
            sections?.mapValues { settings in
                settings.mapValues { value in
                    switch value {
                    case .text(let text): .text(text)
                    case .nested(let nested): .nested(nested)
                    }
                }
            }
        }
    }

    @Test(.enabled(if: Peer.isThere), arguments: ["1", "2", "3"])
    func `made-up files are read as botocore reads them`(seed: String) async throws {
        let printed = try await Peer.run("botocore_config.py", [seed, "2000"])
        let reads = try JSONDecoder().decode([Read].self, from: printed)
        #expect(reads.count { $0.sections != nil } > 200)
        for read in reads {
            let ours = try? parse(read.text)
            #expect(ours == read.expected, "\(read.text.debugDescription)")
        }
    }

    @Test func `bytes that aren't UTF-8 are refused`() {
        #expect(throws: ConfigFault.notUTF8) { try ConfigParser.parse([0x5B, 0xFF, 0x5D]) }
    }

    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]),
        (#"a\ b "c\"d\e" '\f'"#, ["a b", #"c"d\e"#, #"\f"#]),
        ("''", [""]), ("a''b", ["ab"]), ("", []), ("# a", ["#", "a"]), ("~/x $HOME", ["~/x", "$HOME"]),
    ])
    func `commands are split as a shell would`(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func `a command that ends inside quotes is refused`(text: String) {
        #expect(throws: ShellWords.Fault.self) { try ShellWords.split(text) }
    }
}
