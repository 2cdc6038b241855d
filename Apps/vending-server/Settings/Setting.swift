/// Every setting there is: reading, help and refusal of unknown ones go through this list.
enum Setting: String, CaseIterable {
    case httpHost = "http.host"
    case httpPort = "http.port"
    case insecureHTTP = "insecureHttp"
    case database = "database"
    case issuer = "issuer"
    case roleARN = "role.arn"
    case region = "region"
    case sessionDuration = "sessionDuration"
    case externalID = "externalId"
    case assumeRole = "assumeRole"
    case logLevel = "logLevel"

    /// `http.host` is read from `BURSAR_HTTP_HOST`, `sessionDuration` from `BURSAR_SESSION_DURATION`.
    var environmentName: String {
        let words = rawValue.flatMap { character -> [Character] in
            character == "." ? ["_"] : character.isUppercase ? ["_", character] : Array(character.uppercased())
        }
        return "BURSAR_" + String(words)
    }

    /// What the help says of it.
    var summary: String {
        switch self {
        case .httpHost: "address to listen on (127.0.0.1)"
        case .httpPort: "port to listen on (8080; 0 takes a free one)"
        case .insecureHTTP: "yes allows plain HTTP on an address that others reach (no)"
        case .database: "SQLite file (~/.local/state/bursar/bursar.sqlite)"
        case .issuer: "sts, or simulated for trying things out (sts)"
        case .roleARN: "role whose credentials are handed out; required with sts"
        case .region: "region of the STS endpoint (AWS_REGION, then AWS_DEFAULT_REGION)"
        case .sessionDuration: "life of credentials, 15m to 12h (1h)"
        case .externalID: "external id that the role's trust policy asks for (none)"
        case .assumeRole: "yes assumes AWS_ROLE_ARN over the server's own credentials first (no)"
        case .logLevel: "trace, debug, info, notice, warning, error or critical (info)"
        }
    }

    /// The list as the help shows it.
    static var help: String {
        let width = allCases.map(\.environmentName.count).max() ?? 0
        let lines = allCases.map { setting in
            let name = setting.environmentName
            return "  " + name + String(repeating: " ", count: width - name.count + 2) + setting.summary
        }
        return lines.joined(separator: "\n")
    }
}
