import AWSAuth
import BursarConsole

/// What STS takes as an external id.
enum ExternalID {
    /// - Throws: ``UserFacingError`` that names the option.
    static func checked(_ text: String?) throws(UserFacingError) -> String? {
        let role = "arn:aws:iam::123456789012:role/any"
        do {
            try AssumeRoleRequest(roleARN: role, sessionName: "check", externalID: text).check()
        } catch {
            throw UserFacingError.misuse(
                "--external-id is not what STS takes",
                hint: "2 to 1224 letters, digits and _ + = , . @ : / -"
            )
        }
        return text
    }
}
