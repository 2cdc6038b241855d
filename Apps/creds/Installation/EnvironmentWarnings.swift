import BursarConsole

/// Warnings of `creds install` about variables that direct AWS clients elsewhere.
enum EnvironmentWarnings {
    static func warnings(_ environment: [String: String], profile: ProfileName) -> [UserFacingError] {
        var warnings: [UserFacingError] = []
        if environment["AWS_BEARER_TOKEN_BEDROCK"] != nil {
            warnings.append(
                UserFacingError(
                    "AWS_BEARER_TOKEN_BEDROCK is set, and beats every profile for Bedrock, even when it is empty",
                    hint: "unset AWS_BEARER_TOKEN_BEDROCK"
                )
            )
        }
        if environment["AWS_ACCESS_KEY_ID"] != nil {
            warnings.append(
                UserFacingError(
                    "AWS_ACCESS_KEY_ID is set, and beats AWS_PROFILE (but not --profile)",
                    hint: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
                )
            )
        }
        for variable in ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"] where environment[variable]?.isEmpty == true {
            warnings.append(
                UserFacingError(
                    "\(variable) is set but empty, and boto3 then looks for a profile without a name",
                    hint: "unset \(variable)"
                )
            )
        }
        for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] where environment[variable]?.isEmpty == true
        {
            warnings.append(
                UserFacingError(
                    "\(variable) is set but empty, so boto3 and the AWS CLI read no file in its place",
                    hint: "unset \(variable)"
                )
            )
        }
        if let other = environment["AWS_PROFILE"], !other.isEmpty, other != profile.description {
            warnings.append(
                UserFacingError("AWS_PROFILE names another profile, \(other)", hint: "export AWS_PROFILE=\(profile)")
            )
        }
        return warnings
    }
}
