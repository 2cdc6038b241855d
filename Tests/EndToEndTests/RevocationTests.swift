import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Revocation by `admin`, in a process other than the server's.
@Suite struct RevocationTests {
    @Test func `a key that was verified a moment ago is refused soon after its revocation`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            #expect(try await world.refusal(url, key: key.text) == nil)
            try await succeeded(world.admin("keys revoke \(key.id) --reason lost --yes"))
            let revoked = ContinuousClock.now
            var last = revoked
            while try await world.refusal(url, key: key.text) == nil, last - revoked < .seconds(20) { last = .now }
            // A second on a machine with nothing else to do: `Scripts/bench revoke` measures it.
            #expect(last - revoked < .seconds(10))
            #expect(try await world.refusal(url, key: key.text) == "key_revoked")
            #expect(try await world.get(url, key: key.text).status == 401)
        }
    }

    @Test func `a vend under way when its key is revoked is refused at its commit`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                async let underWay = world.refusal(server.url + "/credentials", key: key.text)
                try await sts.waitForCalls(1)
                try await succeeded(world.admin("keys revoke \(key.id) --reason lost --yes"))
                try await sts.set("ok")
                #expect(try await underWay == "key_revoked")
            }
        }
        let keys = try await succeeded(world.admin("keys list --format json"))
        #expect(!keys.output.contains("lastVend"))
    }

    @Test func `revoking needs a yes, a known id and a reason, and never repeats a key pasted as an id`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let id = key.id.description
        let unasked = try await world.admin("keys revoke \(id) --reason lost")
        #expect(unasked.exitCode == 1)
        #expect(unasked.errors.contains("--yes"))
        let unknown = try await world.admin("keys revoke zzzzzzzzzzzz --reason lost --yes")
        #expect(unknown.exitCode == 1)
        #expect(unknown.errors.contains("admin keys list"))
        let pasted = try await world.admin("keys revoke \(key.text.reveal()) --reason lost --yes")
        #expect(pasted.exitCode == 64)
        #expect(!(pasted.output + pasted.errors).contains(key.text.reveal().suffix(49)))
        #expect(try await world.admin("keys revoke \(id) --yes --reason", " ").exitCode == 64)
        #expect(try await world.admin("keys revoke \(id)").exitCode == 64)
        let again = try await succeeded(world.admin("keys revoke \(id) --reason lost --yes"))
        #expect(again.errors.contains("revoked key \(id) of ada"))
        #expect(try await world.admin("keys revoke \(id) --reason lost --yes").errors.contains("already"))
    }
}
