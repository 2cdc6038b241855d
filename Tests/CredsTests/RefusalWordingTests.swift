import BursarCore
import Console
import Testing
import Transport

@testable import creds

struct RefusalWordingTests {
    @Test(arguments: [
        (
            "key_revoked", "this key was revoked; ask Ada",
            Problem("this key was revoked (key_revoked)", hint: "ask Ada")
        ),
        ("a_new_one", "no; a; b", Problem("no (a_new_one)", hint: "a; b")),
        ("too_large", "the request is too large", Problem("the request is too large (too_large)")),
        ("busy", nil, Problem("the server is busy (busy)", hint: "try again shortly")),
        ("a_new_one", nil, Problem("https://example.org refused (a_new_one)", hint: "ask your operator")),
        ("internal", nil, Problem("something failed here (internal)", hint: "tell your operator the request id 7f3a")),
    ])
    func `a server's sentence is the problem, its advice the hint`(code: String, message: String?, problem: Problem)
        throws
    {
        let refusal = BursarClientFault.Refusal(
            status: 400,
            code: code,
            message: message,
            retryAfter: nil,
            requestID: "7f3a"
        )
        let wording = Wording(profile: .standard, server: try ServerURL(parsing: "https://example.org"))
        #expect(wording.problem(BursarClientFault.refused(refusal)) == problem)
    }
}
