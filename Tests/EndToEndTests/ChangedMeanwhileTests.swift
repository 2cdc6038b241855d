import BursarModel
import TestSupport
import Testing

/// A change that refuses a vend whose AssumeRole is under way: no credentials leave.
@Suite struct ChangedMeanwhileTests {
    @Test(arguments: [
        ("UPDATE keys SET revoked_at = 1, revoked_reason = 'lost'", "key_revoked"),
        ("UPDATE keys SET allowed = '192.0.2.0/24'", "address_refused"),
        ("UPDATE keys SET expires_at = created_at + 1", "key_expired"),
        ("UPDATE keys SET daily_limit = 0", "quota_exhausted"),
        ("UPDATE researchers SET disabled_at = 1", "researcher_disabled"),
        ("UPDATE researchers SET ends_at = 1", "researcher_disabled"),
        ("UPDATE revision SET paused_at = 1", "paused"),
    ])
    func `what changes while STS hangs holds for the vend under way`(_ change: String, _ code: String) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                async let underWay = world.refusal(server.url + "/credentials", key: key.text)
                try await sts.waitForCalls(1)
                try await world.change(change)
                try await sts.set("ok")
                #expect(try await underWay == code)
                #expect(try await world.refusal(server.url + "/credentials", key: key.text) == code)
            }
        }
        #expect(try await world.number("SELECT count(*) FROM records WHERE kind = 'vend'") == 0)
    }

    @Test func `a key narrowed to some models while STS hangs gets a session that was made for those`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                async let underWay = world.refusal(server.url + "/credentials", key: key.text)
                try await sts.waitForCalls(1)
                try await world.change("UPDATE keys SET models = 'anthropic.claude-*'")
                try await sts.set("ok")
                #expect(try await underWay == nil)
                // The session made for the old row is dropped, and another is made for the new one.
                #expect(try await sts.calls() == 2)
            }
        }
        #expect(try await world.number("SELECT count(*) FROM records WHERE kind = 'vend'") == 1)
    }
}
