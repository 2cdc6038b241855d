import AWSAuth
import Console

/// Whether IAM takes the documents of a stack, seen before anything is sent.
enum StackSize {
    /// - Throws: ``Problem`` for the first document that is too long.
    static func check(_ choices: StackChoices) throws {
        let account = "123456789012"
        let access = try StackParts(choices).access(account: account).document.size()
        guard access <= PolicyLimit.managed else {
            throw Problem(
                "what researchers may do makes a policy of \(access) characters; IAM takes \(PolicyLimit.managed)",
                hint: "name fewer models, or wider patterns"
            )
        }
        // The longest name that a role may have.
        let server = "arn:\(choices.partition.rawValue):iam::\(account):role/" + String(repeating: "x", count: 64)
        let trust = try StackParts.features.trust(server: server, externalID: choices.externalID).size()
        guard trust <= PolicyLimit.trust else {
            throw Problem(
                "the external id makes a trust policy of \(trust) characters; IAM takes \(PolicyLimit.trust)",
                hint: "take a shorter one"
            )
        }
    }
}
