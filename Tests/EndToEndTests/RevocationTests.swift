import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Revocation by `admin`, in a process other than the server's.
@Suite struct RevocationTests {
    /// `Scripts/bench revoke` measures how soon: in a second, on a machine with nothing else to do.
    @Test func `a key that was verified a moment ago is refused after its revocation`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            #expect(try await world.refusal(url, key: key.text) == nil)
            try await succeeded(world.admin("keys revoke \(key.id) --reason lost --yes"))
            try await Waiting.until("the refusal") { try await world.refusal(url, key: key.text) != nil }
            #expect(try await world.refusal(url, key: key.text) == "key_revoked")
            #expect(try await world.get(url, key: key.text).status == 401)
        }
    }

    @Test func `a vend under way when its key is revoked is refused at its commit`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await world.serve(sts.settings) { server in
                let url = server.url + "/credentials"
                // The server waits 3 s for STS, and under load a revocation takes longer: then there is nothing to
                // commit, and the next vend is tried once STS is asked again.
                try await Waiting.until("a vend that is committed after its key's revocation") {
                    let key = try await world.issueKey("")
                    let calls = try await sts.calls()
                    try await sts.set("hang")
                    async let underWay = world.refusal(url, key: key.text)
                    try await sts.waitForCalls(calls + 1)
                    try await succeeded(world.admin("keys revoke \(key.id) --reason lost --yes"))
                    try await sts.set("ok")
                    let outcome = try await underWay
                    guard outcome == "aws_unavailable" else {
                        #expect(outcome == "key_revoked")
                        return true
                    }
                    let next = try await world.issueKey("")
                    try await Waiting.until("vends") { try await world.refusal(url, key: next.text) == nil }
                    return false
                }
            }
        }
        let vended = "key_id IN (SELECT id FROM keys WHERE revoked_at IS NOT NULL)"
        #expect(try await world.number("SELECT count(*) FROM records WHERE kind = 'vend' AND \(vended)") == 0)
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
