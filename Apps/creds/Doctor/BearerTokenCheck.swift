import AWSAuth
import BursarModel

/// `AWS_BEARER_TOKEN_BEDROCK`, which beats every profile for Bedrock, even when it is empty.
struct BearerTokenCheck: DoctorCheck {
    static let variable = "AWS_BEARER_TOKEN_BEDROCK"
    private static let fix = "unset \(variable)"

    func findings(_ subject: DoctorContext) -> [Finding] {
        guard let text = subject.context.environment[Self.variable] else {
            return [.ok(.bearerToken, "\(Self.variable) is not set")]
        }
        guard !text.isEmpty else { return [problem("is set, though empty, and beats every profile for Bedrock")] }
        if text.hasPrefix("ABSK") {
            return [warning("holds a long-term Bedrock key, and beats every profile for Bedrock")]
        }
        guard let token = try? DecodedBedrockToken(Secret(String(text.trimmingASCIIWhitespace()))) else {
            return [problem("holds no Bedrock token, and beats every profile for Bedrock")]
        }
        return [finding(of: token, subject)]
    }

    private func finding(of token: DecodedBedrockToken, _ subject: DoctorContext) -> Finding {
        let end = RelativeTime(until: token.latestEnd, at: subject.context.now())
        guard end.seconds > 0 else {
            return problem("beats every profile for Bedrock, and its token for \(token.region) ended \(end)")
        }
        let set = ["AWS_REGION", "AWS_DEFAULT_REGION"].compactMap { subject.context.nonEmpty($0) }.first
        if let set, set != token.region {
            return problem("works in \(token.region) only, but the region that is set is \(set)")
        }
        return warning("beats every profile for Bedrock; its token for \(token.region) ends \(end) at the latest")
    }

    private func problem(_ message: String) -> Finding {
        .problem(.bearerToken, "\(Self.variable) \(message)", fix: Self.fix)
    }

    private func warning(_ message: String) -> Finding {
        .warning(.bearerToken, "\(Self.variable) \(message)", fix: Self.fix)
    }
}
