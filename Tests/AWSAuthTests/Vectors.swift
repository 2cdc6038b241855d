import BursarFoundation
import BursarModel
import Testing

@testable import AWSAuth

/// A signature of botocore's, as `Scripts/generate-sigv4-vectors` writes it.
struct SigV4Vector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let kind: String
    let rules: String
    let method: String
    let url: String
    let headers: [[String]]
    let body: Data
    let payload: String
    let service: String
    let region: String
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    let seconds: Int
    let expires: Int64?
    let canonicalRequest: String
    let stringToSign: String
    let signedURL: String?
    let signedHeaders: [[String]]?

    var testDescription: String { name }
    var date: Date { Date(timeIntervalSince1970: Double(seconds)) }

    var signer: SigV4 {
        SigV4(service: service, region: region, rules: rules == "s3" ? .s3 : .standard)
    }

    var request: SigningRequest {
        SigningRequest(
            method: method,
            url: url,
            headers: headers.map { ($0[0], $0[1]) },
            payload: payload == "unsigned" ? .unsigned : .bytes(body)
        )
    }

    var credentials: AWSCredentials {
        AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: Secret(secretAccessKey),
            sessionToken: sessionToken.map { Secret($0) }
        )
    }

    static func all(_ kind: String) -> [Self] {
        vectors(in: "sigv4-vectors").filter { $0.kind == kind }
    }
}

/// A token that the Python generator made.
struct RandomTokenVector: Decodable, Sendable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    let region: String
    let seconds: Int
    let expires: Int
    let token: String

    static let all: [Self] = vectors(in: "random-token-vectors")
}

/// The vectors of a file beside the tests; none when it can't be read, which a test of their number notices.
private func vectors<Vector: Decodable>(in name: String) -> [Vector] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    guard let data = try? Data(contentsOf: folder.appending(path: "Vectors/\(name).json")) else { return [] }
    return (try? JSONDecoder().decode(VectorFile<Vector>.self, from: data))?.vectors ?? []
}

private struct VectorFile<Vector: Decodable>: Decodable {
    let vectors: [Vector]
}
