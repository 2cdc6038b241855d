import AWSAuth
import BursarConsole

/// The CloudFormation template of a stack.
///
/// Roles have no names of their own: CloudFormation makes one from the stack's name and random characters, so two
/// stacks don't meet in IAM, which has no regions, and a server's role that is made anew has another ARN, which the
/// trust then follows. A trust that names an ARN is kept by AWS as the role's unique id: the same name, given to a new
/// role, would not be trusted.
struct StackTemplate {
    /// Bytes that CloudFormation takes in a request.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    static let longest = 51_200

    /// The template as JSON; the same for the same choices.
    let body: String

    /// - Throws: ``UserFacingError`` when a part is longer than AWS takes.
    init(_ choices: StackConfiguration) throws {
        let parts = StackParts(choices)
        // The trust policy always fits: 1,997 of 2,048 characters with the longest external id and the longest names.
        let access = try parts.access(account: "123456789012").document.size()
        guard access <= PolicyLimit.managed else {
            throw UserFacingError(
                "what researchers may do makes a policy of \(access) characters; IAM takes \(PolicyLimit.managed)",
                hint: "name fewer models, or wider patterns"
            )
        }
        let template: TemplateValue = [
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Bursar: short-lived credentials for Amazon Bedrock",
            "Metadata": try DeployedOptions(choices).metadata(),
            "Resources": .object(try parts.resources),
            "Outputs": .object(parts.outputs),
        ]
        body = try template.json()
        guard body.utf8.count <= Self.longest else {
            throw UserFacingError(
                "the template has \(body.utf8.count) bytes; CloudFormation takes \(Self.longest)",
                hint: "give fewer tags, models or addresses"
            )
        }
    }
}
