import AWSAuth

/// Where Bedrock's requests go, by the words of AWS's tools.
enum BedrockEndpoints {
    /// Config files that can't be read are no reason to fail: the environment counts then.
    static func resolver(_ context: CredsContext, profile: String?) -> EndpointResolver {
        let resolver = try? EndpointResolver(environment: context.environment, profileNamed: profile)
        return resolver ?? EndpointResolver(environment: context.environment)
    }
}
