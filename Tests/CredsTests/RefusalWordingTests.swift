import BursarConsole
import BursarHTTP
import BursarModel
import Testing

@testable import creds

struct RefusalWordingTests {
    @Test(arguments: [
        (
            "key_revoked", "this key was revoked; ask Ada",
            UserFacingError("this key was revoked (key_revoked)", hint: "ask Ada")
        ),
        ("a_new_one", "no; a; b", UserFacingError("no (a_new_one)", hint: "a; b")),
        ("too_large", "the request is too large", UserFacingError("the request is too large (too_large)")),
        ("busy", nil, UserFacingError("the server is busy (busy)", hint: "try again shortly")),
        ("a_new_one", nil, UserFacingError("https://example.org refused (a_new_one)", hint: "ask your operator")),
        (
            "internal", nil,
            UserFacingError("something failed here (internal)", hint: "tell your operator the request id 7f3a")
        ),
    ])
    func `a server's sentence is the problem, its advice the hint`(
        code: String,
        message: String?,
        problem: UserFacingError
    )
        throws
    {
        let refusal = BursarClientError.ServerRefusal(
            status: 400,
            code: code,
            message: message,
            retryAfter: nil,
            requestID: "7f3a"
        )
        let wording = CredsErrorMessages(profile: .standard, server: try ServerURL(parsing: "https://example.org"))
        #expect(wording.problem(BursarClientError.refused(refusal)) == problem)
    }
}
