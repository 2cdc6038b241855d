import BursarModel

/// How an error is written: as all routes do, or as the AWS SDKs read it from a container endpoint.
enum ErrorShape {
    case standard
    case container

    init(path: String) {
        self = path == ContainerCredentialsRoute.path ? .container : .standard
    }
}

/// `{"Code","Message"}` for the SDKs, beside the fields that every error of ours has.
struct ContainerErrorResponse: Encodable {
    let code: String
    let containerMessage: String
    let answer: ErrorResponse

    init(_ answer: ErrorResponse) {
        code = answer.error
        containerMessage = answer.message
        self.answer = answer
    }

    enum CodingKeys: String, CodingKey {
        case code = "Code"
        case containerMessage = "Message"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(containerMessage, forKey: .containerMessage)
        try answer.encode(to: encoder)
    }
}
