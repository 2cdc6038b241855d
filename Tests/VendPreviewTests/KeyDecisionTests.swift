import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Testing
import Vending

@testable import VendPreview

/// The decision on a supposed request, and the rule behind it.
struct KeyDecisionTests {
    private static let now = UTCDay(number: 20_000).start.addingTimeInterval(43_200)
    private static let id = KeyID("7c3kq9x2mzpa")

    private static func settings(_ variables: [String: String] = [:]) throws -> LocalServerSettings {
        let environment = [
            "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
            "BURSAR_DATABASE": "/nonexistent/bursar.sqlite",
        ].merging(variables) { $1 }
        let reader = try SettingReader(environment: environment, file: nil)
        return try LocalServerSettings(reader, environment: environment) { () throws(UserFacingError) in
            try Settings(environment: environment, file: nil)
        }
    }

    private static func record(
        expires: Date = now.addingTimeInterval(86_400),
        revoked: Date? = nil,
        disabled: Date? = nil,
        _ restrictions: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false
    ) throws -> KeyRecord {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
        return KeyRecord(
            id: try #require(id),
            owner: ResearcherStatus(handle: try #require(Handle("ada")), disabled: disabled),
            project: "engines",
            hash: try #require(PasswordHash(phc: phc)),
            expires: expires,
            revoked: revoked,
            terms: restrictions,
            isCanary: isCanary,
            version: 1
        )
    }

    private static func decision(
        of record: KeyRecord?,
        used: Int = 0,
        from address: String? = nil,
        model: String? = nil,
        _ settings: LocalServerSettings? = nil,
        pausedSince: Date? = nil
    ) throws -> KeyDecision {
        let request = WhatIfRequest(
            date: now,
            today: now,
            address: address.flatMap { IPAddress($0) },
            model: try model.flatMap { try InvokedModel($0) },
            region: nil
        )
        return KeyDecision(
            of: record,
            id: try #require(id),
            label: nil,
            used: used,
            request,
            try settings ?? Self.settings(),
            pausedSince: pausedSince
        )
    }

    @Test func `a key that works is vended a session until it ends itself`() throws {
        let decision = try Self.decision(of: Self.record(expires: Self.now.addingTimeInterval(1800)))
        #expect(decision.decision == .vend && decision.rule == nil && decision.code == nil)
        #expect(decision.session?.seconds == 1800)
        #expect(decision.session?.role == "arn:aws:iam::123456789012:role/bedrock")
    }

    @Test func `each state of a key in which nothing is vended refuses by its rule`() throws {
        let cases: [(KeyRecord, String)] = [
            (try Self.record(expires: Self.now), "key_expired"), (try Self.record(revoked: Self.now), "key_revoked"),
            (try Self.record(disabled: Self.now), "researcher_disabled"),
            (try Self.record(isCanary: true), "key_invalid"),
        ]
        for (record, code) in cases {
            let decision = try Self.decision(of: record)
            #expect(decision.decision == .refuse && decision.code == code)
        }
    }

    @Test func `a quota that is used up, and a pause, refuse`() throws {
        let record = try Self.record(KeyRestrictions(dailyLimit: 5))
        #expect(try Self.decision(of: record, used: 4).decision == .vend)
        #expect(try Self.decision(of: record, used: 5).code == "quota_exhausted")
        #expect(try Self.decision(of: record, pausedSince: Self.now).code == "paused")
    }

    @Test func `without an address the decision on a key with a list is open`() throws {
        let record = try Self.record(KeyRestrictions(allowed: try AddressList(entries: ["192.0.2.0/24"])))
        #expect(try Self.decision(of: record).decision == .open)
        #expect(try Self.decision(of: record, from: "192.0.2.7").decision == .vend)
        let elsewhere = try Self.decision(of: record, from: "198.51.100.1")
        #expect(elsewhere.decision == .refuse && elsewhere.rule == "key_addresses")
    }

    @Test func `a row that can't be read is an internal error, as at the server`() throws {
        let decision = try Self.decision(of: nil)
        #expect(decision.decision == .refuse && decision.code == "internal" && decision.session == nil)
    }

    @Test(
        arguments: [
            ("anthropic.claude-x-1", true), ("us.anthropic.claude-x-1", true), ("meta.llama-1", false),
            ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x-1", true),
            ("arn:aws-cn:bedrock:cn-north-1::foundation-model/anthropic.claude-x-1", false),
            ("arn:aws:bedrock:us-east-1:210987654321:inference-profile/us.anthropic.claude-x-1", false),
            ("arn:aws:bedrock:us-east-1:123456789012:imported-model/abc", false),
        ] as [(String, Bool)]
    )
    func `a model is held to the key's list, and to what policies allow at all`(_ model: String, _ allowed: Bool)
        throws
    {
        let record = try Self.record(KeyRestrictions(models: ModelList("anthropic.*")))
        let decision = try Self.decision(of: record, model: model)
        #expect(decision.modelAllowed == allowed && (decision.modelReason == nil) == allowed)
    }

    @Test func `only AWS knows the model of an application's profile`() throws {
        let record = try Self.record(KeyRestrictions(models: ModelList("anthropic.*")))
        let profile = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
        #expect(try Self.decision(of: record, model: profile).modelAllowed == nil)
    }

    @Test(arguments: ["", "a b", "anthropic.*", "arn:aws:s3:::bucket", "arn:aws:bedrock:us-east-1::foundation-model/"])
    func `what names no model is none`(_ name: String) throws {
        #expect(try InvokedModel(name) == nil)
    }

    @Test func `a server that simulates sends no session policy, which is one of the assumptions`() throws {
        let settings = try Self.settings(["BURSAR_ISSUER": "simulated"])
        #expect(settings.isSimulated && settings.assumptions.contains { $0.contains("simulates") })
        let record = try Self.record(KeyRestrictions(models: ModelList("anthropic.*")))
        let decision = try Self.decision(of: record, settings)
        #expect(decision.decision == .vend && decision.session?.policy == nil && decision.session?.role == nil)
    }
}
