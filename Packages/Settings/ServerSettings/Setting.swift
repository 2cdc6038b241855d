import BursarConsole

/// The list of all settings, used for reading, for help and to refuse unknown names.
package enum Setting: String, CaseIterable {
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpConnections = "http.connections"
    case metricsHost = "metrics.host"
    case metricsPort = "metrics.port"
    case tlsCertificate = "tls.certificate"
    case tlsKey = "tls.key"
    case insecureHTTP = "insecureHttp"
    case database = "database"
    case databasePasswordFile = "databasePasswordFile"
    case databaseAuth = "databaseAuth"
    case databaseConnections = "databaseConnections"
    case issuer = "issuer"
    case roleARN = "role.arn"
    case region = "region"
    case sessionDuration = "sessionDuration"
    case externalID = "externalId"
    case assumeRole = "assumeRole"
    case roleProjects = "role.projects"
    case sessionName = "sessionName"
    case sessionTags = "sessionTags"
    case sourceIdentity = "sourceIdentity"
    case pinAddresses = "pinAddresses"
    case regions = "regions"
    case allow = "allow"
    case trustedProxies = "trustedProxies"
    case clientAddressHeader = "clientAddressHeader"
    case rate = "rate"
    case burst = "burst"
    case totalRate = "totalRate"
    case dailyLimit = "dailyLimit"
    case maximumKeyLife = "maximumKeyLife"
    case publicURL = "publicUrl"
    case contact = "contact"
    case headsLogGroup = "heads.logGroup"
    case spendIngest = "spend.ingest"
    case spendKeep = "spend.keep"
    case logLevel = "logLevel"
    case logFormat = "logFormat"

    /// `http.host` is read from `BURSAR_HTTP_HOST`, `sessionDuration` from `BURSAR_SESSION_DURATION`.
    package var environmentName: String {
        let words = rawValue.flatMap { character -> [Character] in
            character == "." ? ["_"] : character.isUppercase ? ["_", character] : Array(character.uppercased())
        }
        return "BURSAR_" + String(words)
    }

    /// True if the setting may be a YAML list.
    package var takesList: Bool {
        switch self {
        case .roleProjects, .regions, .allow, .trustedProxies: true
        default: false
        }
    }

    /// The summary in the help.
    package var summary: String {
        switch self {
        case .httpHost: "address to listen on (127.0.0.1)"
        case .httpPort: "port to listen on (8080; 0 takes a free one)"
        case .httpConnections: "connections held at once; then idle ones are closed (as the memory allows, else 4000)"
        case .metricsHost: "address that answers GET /metrics, in plain HTTP (127.0.0.1)"
        case .metricsPort: "port of it (9464; 0 takes a free one, off listens nowhere)"
        case .tlsCertificate: "PEM file of the certificate and its chain, read again when it changes (none: plain HTTP)"
        case .tlsKey: "PEM file of the certificate's key, which others may not read (none)"
        case .insecureHTTP: "yes allows plain HTTP on an address that others reach (no)"
        case .database:
            "SQLite file, or postgres://USER@HOST/NAME?sslmode=verify-full&sslrootcert=FILE "
                + "(~/.local/state/bursar/bursar.sqlite)"
        case .databasePasswordFile: "file with PostgreSQL's password, which others may not read (none)"
        case .databaseAuth: "iam makes a token of RDS for each connection to PostgreSQL (none)"
        case .databaseConnections: "connections to PostgreSQL at once (4 for a server, 2 for a command)"
        case .issuer: "sts, or simulated for trying things out (sts)"
        case .roleARN: "role whose credentials are handed out; required with sts"
        case .region: "region of the STS endpoint (AWS_REGION, then AWS_DEFAULT_REGION)"
        case .sessionDuration: "life of credentials, 15m to 12h (1h)"
        case .externalID: "external id that the role's trust policy asks for (none)"
        case .assumeRole: "yes assumes AWS_ROLE_ARN over the server's own credentials first (no)"
        case .roleProjects: "roles for keys of some projects: PROJECT=ARN, … (none)"
        case .sessionName: "name of sessions in AWS: handle+key tells keys apart, handle doesn't (handle+key)"
        case .sessionTags: "yes tags sessions with researcher, project and key; needs sts:TagSession (no)"
        case .sourceIdentity: "yes sets the handle as SourceIdentity; needs sts:SetSourceIdentity (no)"
        case .pinAddresses: "yes has AWS take a session only from the addresses of its key, if all are public (no)"
        case .regions: "where /token may be asked for, the usual one first (the region)"
        case .allow: "addresses that may ask at all: 192.0.2.0/24, … (0.0.0.0/0,::/0)"
        case .trustedProxies: "proxies whose word on the caller's address is taken (none)"
        case .clientAddressHeader: "the one header in which they say it (x-forwarded-for)"
        case .rate: "requests a second per key, in the long run (10)"
        case .burst: "requests at once per key (20, else twice the rate)"
        case .totalRate: "requests a second of all keys together (no limit)"
        case .dailyLimit: "vends per key and UTC day (10000)"
        case .maximumKeyLife: "longest time from a key's issue to its end (366d)"
        case .publicURL: "the server's address as researchers reach it, for set-up lines (none)"
        case .contact: "whom people turn to: an e-mail address, an https:// address or words (none)"
        case .headsLogGroup: "log group of CloudWatch where the chain's heads are written, besides the log (none)"
        case .spendIngest: "yes counts the calls that Bedrock has logged in the regions (no)"
        case .spendKeep: "months before the current one that calls are counted and kept for (25)"
        case .logLevel: "trace, debug, info, notice, warning, error or critical (info)"
        case .logFormat: "text or json (text on a terminal, else json)"
        }
    }

    /// The hint for an unknown name: the nearest setting, if there is one.
    package static func hint(insteadOf name: String, of spelling: (Setting) -> String) -> String {
        if let near = NearestName.of(name, among: allCases.map(spelling)) { return "did you mean \(near)?" }
        return "vending-server serve --help lists them"
    }

    /// The setting that an unknown name may have been meant for: one with a similar spelling, or one whose name it
    /// contains.
    static func nearest(to name: String, of spelling: (Setting) -> String) -> Setting? {
        if let near = NearestName.of(name, among: allCases.map(spelling)) {
            return allCases.first { spelling($0) == near }
        }
        func letters(_ text: String) -> String { text.lowercased().filter { $0.isLetter } }
        let held = letters(name)
        return allCases.first { held.contains(letters($0.rawValue)) }
    }

    /// The list in the help: each setting's variable and its key in the file, with the summary below.
    package static var help: String {
        allCases.map { "  \($0.environmentName) [\($0.rawValue)]\n" + indented($0.summary) }.joined(separator: "\n")
    }

    /// Wraps at 80 characters, since the parser would wrap longer lines without their indentation.
    private static func indented(_ text: String) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < 80 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append("      " + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
