import AWSAuth
import AWSClients
import BursarModel
import TestSupport
import Testing

@testable import Provisioning

/// Properties that hold for any words.
@Suite struct ProvisionPropertyTests {
    private static let longTerm = [
        "production", "CI/CD", "automation", "system", "server", "service", "systems", "long-term", "ci", "cd", "long",
    ]
    private static let others = [
        "development", "quick", "test", "try", "out", "key", "access", "for", "in", "region:", "us-west-2",
        "eu-north-1",
        "Ada@Example.edu", "bob@example.edu", "@", "2", "90", "hours", "minutes", "13", "3.5", "-1", "2h", "genomics",
        "Data", "science", "not", "no", "don't", "but", "and", "or", ",", ".", "?", "(", ")", "serverless",
        "preproduction", "microservice", "systematic", "production-ready", "service@example.edu", "\u{1F680}",
        "z\u{FC}rich", "\u{627}\u{644}", "pro\u{200B}duction", "please", "the", "a", "we", "need", "term", "--yes",
        "$(reboot)", "'", "\"", "\u{1B}[31m", "in us-east-1", "for payments",
    ]

    private static func phrases(_ vocabulary: [String], seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        return (0..<3000).map { _ in
            let words = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                vocabulary.randomElement(using: &random)
            }
            return words.joined(separator: Bool.random(using: &random) ? " " : "  ")
        }
    }

    @Test func `without a word that says so it is never long-term`() {
        for words in Self.phrases(Self.others, seed: 1) {
            #expect(ProvisionRequest(reading: words).kind == .shortTerm, "\(words)")
        }
    }

    @Test func `a long-term key is never asked for by words that also say something else`() {
        for words in Self.phrases(Self.others + Self.longTerm, seed: 2) {
            let request = ProvisionRequest(reading: words)
            guard request.kind == .longTerm else { continue }
            let said = words.lowercased()
            #expect(Self.longTerm.contains { said.contains($0.lowercased()) }, "\(words)")
            // What is denied ("not for development") says nothing against it.
            if !["not", "no", "don't"].contains(where: { said.contains($0) }) {
                #expect(!said.contains("development") && !said.contains("quick test"), "\(words)")
            }
            #expect(request.lifetime == nil)
        }
    }

    @Test func `every value that is read is in the words`() {
        for words in Self.phrases(Self.others + Self.longTerm, seed: 3) {
            let request = ProvisionRequest(reading: words)
            let said = words.lowercased()
            if let owner = request.owner { #expect(words.contains(owner), "\(words)") }
            if let region = request.region, region != RegionSetting.fallback {
                #expect(said.contains(region), "\(words)")
            }
            for part in request.businessUnit?.split(separator: "-") ?? [] {
                #expect(said.contains(part), "\(words): \(part)")
            }
            if let seconds = request.lifetime?.seconds, seconds != 43_200 {
                #expect(["2", "90", "3.5", "31m"].contains { said.contains($0) }, "\(words): \(seconds)")
            }
        }
    }

    @Test func `what is read is within what AWS allows, and capitals don't matter`() {
        for words in Self.phrases(Self.others + Self.longTerm, seed: 4) {
            let request = ProvisionRequest(reading: words)
            if let seconds = request.lifetime?.seconds { #expect((900...43_200).contains(seconds)) }
            let shouted = ProvisionRequest(reading: words.uppercased())
            #expect(shouted.kind == request.kind && shouted.lifetime == request.lifetime, "\(words)")
            #expect(shouted.businessUnit == request.businessUnit && shouted.region == request.region, "\(words)")
            #expect((shouted.question == nil) == (request.question == nil), "\(words)")
        }
    }

    @Test func `a request that nothing is asked about is complete`() {
        for words in Self.phrases(Self.others + Self.longTerm, seed: 5) {
            let request = ProvisionRequest(reading: words)
            guard request.question == nil else { continue }
            #expect(request.region != nil)
            switch request.kind {
            case .longTerm: #expect(request.businessUnit.flatMap { BusinessUnit($0) } != nil, "\(words)")
            case .shortTerm: #expect(request.lifetime != nil, "\(words)")
            }
        }
    }
}
