import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// An environment to search for credentials; `{HOME}` and `{BASE}` are replaced by a folder and the peer's address.
struct ChainCase: Codable, Sendable {
    let name: String
    var environment: [String: String]?
    var profile: String?
    var files: [String: String]?
    /// True if a named source fails, in botocore too.
    var fails: Bool?
    /// The reason for an intended difference from botocore.
    var differs: String?

    static func all() throws -> [Self] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/environments.json")
        return try JSONDecoder().decode([Self].self, from: Data(contentsOf: url))
    }

    /// The case in a home folder of its own, with its files written.
    func settled(in home: String, base: String) throws -> Self {
        func filled(_ text: String) -> String {
            text.replacing("{HOME}", with: home).replacing("{BASE}", with: base)
        }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        for (name, content) in files ?? [:] {
            try TemporaryFolder.write(filled(content), to: "\(home)/\(name)")
        }
        var settled = self
        settled.environment = [
            "HOME": home, "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": base, "AWS_ENDPOINT_URL_SSO": base, "AWS_ENDPOINT_URL_SSO_OIDC": base,
        ].merging((environment ?? [:]).mapValues(filled)) { $1 }
        return settled
    }
}

/// The source found in an environment.
struct ChainOutcome: Codable, Equatable, Sendable {
    /// botocore's name, `none` or `error`.
    var method: String
    var accessKeyID: String?
    var token: String?
    var detail: String?

    static func == (left: Self, right: Self) -> Bool {
        left.method == right.method && left.accessKeyID == right.accessKeyID && left.token == right.token
    }
}

struct CredentialChainTests {
    func outcome(of chainCase: ChainCase, transport: HTTPTransport) async -> ChainOutcome {
        let chain = CredentialChain(
            environment: chainCase.environment ?? [:],
            profile: chainCase.profile,
            clientContext: AWSClientContext(
                send: { try await transport.send($0) },
                now: { Date() },
                sleep: { _ in },
                chance: { 0 }
            )
        )
        do {
            let found = try await chain.find()
            let credentials = try await chain.credentials()
            return ChainOutcome(
                method: found.method.rawValue,
                accessKeyID: credentials.accessKeyID,
                token: credentials.sessionToken?.reveal()
            )
        } catch CredentialError.notFound {
            return ChainOutcome(method: "none")
        } catch {
            return ChainOutcome(method: "error", detail: "\(error)")
        }
    }

    @Test(.enabled(if: Peer.isThere))
    func `the chain finds what botocore finds, in every environment of the table`() async throws {
        let cases = try ChainCase.all()
        let (ours, theirs) = try await Peer.withAWS { base in
            // Each looks in a copy of its own, since a refreshed SSO session changes the cache.
            let folder = try TemporaryFolder()
            let path = folder.path.string
            let forUs = try cases.enumerated().map { try $1.settled(in: "\(path)/ours/\($0)", base: base) }
            let forThem = try cases.enumerated().map { try $1.settled(in: "\(path)/theirs/\($0)", base: base) }
            let transport = HTTPTransport()
            var ours: [ChainOutcome] = []
            for chainCase in forUs { ours.append(await outcome(of: chainCase, transport: transport)) }
            return (ours, try await Peer.botocore(forThem))
        }
        try #require(ours.count == cases.count && theirs.count == cases.count)
        for (index, chainCase) in cases.enumerated() {
            let comment = Comment(rawValue: "\(chainCase.name): ours \(ours[index]), botocore \(theirs[index])")
            if chainCase.differs == nil {
                #expect(ours[index] == theirs[index], comment)
            } else {
                #expect(ours[index] != theirs[index], comment)
            }
            if chainCase.fails == true {
                #expect(ours[index].method == "error", comment)
            }
        }
    }

    @Test func `the table is as long as was promised`() throws {
        let cases = try ChainCase.all()
        #expect(cases.count >= 60)
        #expect(cases.filter { $0.fails == true }.count >= 15)
        #expect(Set(cases.map(\.name)).count == cases.count)
    }
}
