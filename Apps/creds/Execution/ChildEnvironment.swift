/// What a command is given, so that every SDK in it finds the installed profile and nothing else.
struct ChildEnvironment {
    let variables: [String: String]

    /// Variables that win over `AWS_PROFILE`, or take its place, in one SDK or another.
    static let rivals = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION", "AWS_BEARER_TOKEN_BEDROCK", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
    ]

    /// `configFile` is named only where `own` leads elsewhere.
    init(_ own: [String: String], profile: ProfileName, configFile: String?) {
        var variables = own
        for name in Self.rivals { variables[name] = nil }
        variables["AWS_PROFILE"] = profile.description
        if let configFile { variables["AWS_CONFIG_FILE"] = configFile }
        self.variables = variables
    }

    /// With the endpoint's variables, and nothing that SDKs look at before them.
    init(_ own: [String: String], endpoint: [String: String]) {
        let others = ["AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        var variables = own
        for name in Self.rivals + others { variables[name] = nil }
        self.variables = variables.merging(endpoint) { $1 }
    }
}
