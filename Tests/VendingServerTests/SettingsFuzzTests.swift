import BursarConsole
import ServerSettings
import Testing

@testable import vending_server

/// Settings files of random bytes: each is either accepted or refused with a user-facing error.
@Suite struct SettingsFuzzTests {
    private static let seed = """
        http: { port: 8080, host: 127.0.0.1, connections: 5 }
        role:
          arn: "arn:aws:iam::123456789012:role/bedrock"
        region: us-east-1
        tls: {certificate: /a, key: '/b'}
        sessionDuration: 1h # comment
        logFormat: json

        """

    private static let marks = Array("{}[]:,-&*!|>'\"%@` \n\t#".utf8)

    @Test(arguments: 0..<8)
    func `mutated files are taken or refused`(_ round: UInt64) {
        var random = SplitMix(state: round)
        for _ in 0..<1000 {
            var bytes = Array(Self.seed.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(Self.marks.randomElement(using: &random) ?? 0, at: place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
                }
            }
            read(bytes)
        }
    }

    @Test(arguments: ["[", "{a: ", "- ", "a:\n ", "&a ", "*a ", "!!x ", "\u{0}", "'", "\"\\x"])
    func `depth and length end in a refusal, not in a crash`(_ piece: String) {
        read(Array(String(repeating: piece, count: 60_000 / piece.utf8.count).utf8))
    }

    private func read(_ bytes: [UInt8]) {
        do {
            let file = try SettingsFile(bytes, path: "config.yaml")
            _ = try Settings(environment: ["HOME": "/home/ada"], file: file)
        } catch {
            #expect(!error.problem.isEmpty)
        }
    }
}

/// A generator with a fixed sequence (Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
