import BursarFoundation
import INIParser
import SystemPackage
import TestSupport
import Testing

/// The content of a file as the real botocore reads it.
struct BotocoreReading: Decodable {
    let bytes: [UInt8]
    /// nil where it gives up.
    let sections: [ExactText: [ExactText: Value]]?
    let names: Names?

    enum Value: Equatable, Decodable {
        case text(ExactText)
        case nested([ExactText: ExactText])

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(ExactText(text))
            } else {
                let pairs = try decoder.singleValueContainer().decode([[String]].self)
                self = .nested(Dictionary(uniqueKeysWithValues: pairs.map { (ExactText($0[0]), ExactText($0[1])) }))
            }
        }

        init(_ value: INIDocument.Value) {
            switch value {
            case .text(let text): self = .text(ExactText(text))
            case .nested(let nested): self = .nested(nested.mapValues { ExactText($0) })
            }
        }
    }

    /// The profiles, SSO sessions and services that it makes of the sections.
    struct Names: Equatable, Decodable {
        var profiles: Set<ExactText> = []
        var ssoSessions: Set<ExactText> = []
        var services: Set<ExactText> = []

        private enum CodingKeys: String, CodingKey {
            case profiles = "profiles"
            case ssoSessions = "sso_sessions"
            case services = "services"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            profiles = Set(try fields.decode([String].self, forKey: .profiles).map { ExactText($0) })
            ssoSessions = Set(try fields.decode([String].self, forKey: .ssoSessions).map { ExactText($0) })
            services = Set(try fields.decode([String].self, forKey: .services).map { ExactText($0) })
        }

        init(_ document: INIDocument) {
            for section in document.sections {
                switch AWSSectionName(section.name) {
                case .profile(let name): profiles.insert(name)
                case .ssoSession(let name): ssoSessions.insert(name)
                case .services(let name): services.insert(name)
                case .other: break
                }
            }
        }
    }

    private struct Section: Decodable {
        let name: String
        let options: [(ExactText, Value)]

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            name = try pair.decode(String.self)
            var list = try pair.nestedUnkeyedContainer()
            var options: [(ExactText, Value)] = []
            while !list.isAtEnd {
                var option = try list.nestedUnkeyedContainer()
                options.append((ExactText(try option.decode(String.self)), try option.decode(Value.self)))
            }
            self.options = options
        }
    }

    init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        bytes = Self.bytes(hex: try row.decode(String.self))
        let list = try row.decodeIfPresent([Section].self)
        sections = list.map { list in
            Dictionary(
                uniqueKeysWithValues: list.map {
                    (ExactText($0.name), Dictionary(uniqueKeysWithValues: $0.options))
                }
            )
        }
        names = try row.decodeIfPresent(Names.self)
    }

    private static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }

    // MARK: The other side

    /// INIParser's result in botocore's form; nil where botocore would give up.
    static func ours(_ document: INIDocument) -> [ExactText: [ExactText: Value]]? {
        guard document.error == nil else { return nil }
        return Dictionary(
            uniqueKeysWithValues: document.sections.map { section in
                (section.name, section.effectiveOptions.mapValues { Value($0.value) })
            }
        )
    }

    // MARK: Asking it

    static var isThere: Bool { (try? FilePath(Checkout.peer("python")).stat()) != nil }

    /// Files that are made up, the same for the same seed.
    static func ofMadeUpFiles(seed: Int, count: Int) async throws -> [BotocoreReading] {
        try await run(["\(seed)", "\(count)"])
    }

    static func of(_ files: [[UInt8]]) async throws -> [BotocoreReading] {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("files.json").string
        let digits = files.map { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        try JSONEncoder().encode(digits).write(to: URL(filePath: path))
        return try await run([path])
    }

    private static func run(_ arguments: [String]) async throws -> [BotocoreReading] {
        let peer = FilePath(#filePath).removingLastComponent().appending("Peers/botocore_ini.py").string
        let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        let outcome = try await Program(Checkout.peer("python"), environment: environment).run([peer] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try JSONDecoder().decode([BotocoreReading].self, from: Data(outcome.output.utf8))
    }
}
