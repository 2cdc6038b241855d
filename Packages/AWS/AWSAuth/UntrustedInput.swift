#if DEBUG || FUZZING
import BursarFoundation
import BursarHTTP
import BursarModel
import INIParser

/// The kinds of outside input that this module parses: the entry point of the fuzzers, in no release build.
///
/// Each parser must return or throw for any bytes.
package enum UntrustedInput: String, CaseIterable, Sendable {
    /// Config and credentials files, and commands in them.
    case config = "config"
    /// Responses of the query protocol.
    case xml = "xml"
    /// Responses of JSON services, of metadata endpoints and the SSO cache.
    case json = "json"
    /// Bearer tokens, already decoded from base64 or not.
    case token = "token"
    /// The output of a `credential_process`.
    case process = "process"
    /// URLs from settings, signed as written.
    case url = "url"

    /// Parses `bytes` and returns whether a parser accepted them.
    package func isAccepted(_ bytes: [UInt8]) -> Bool {
        let data = Data(bytes)
        switch self {
        case .config: return Self.config(bytes)
        case .xml: return Self.response(data, isXML: true)
        case .json: return Self.response(data, isXML: false)
        case .token: return Self.token(bytes)
        case .process: return (try? JSONDecoder().decode(CredentialProcessOutput.self, from: data)) != nil
        case .url: return Self.url(bytes)
        }
    }

    private static func config(_ bytes: [UInt8]) -> Bool {
        let document = INIDocument(bytes)
        precondition(document.bytes[...].lines.joined().elementsEqual(bytes), "a byte is in no line")
        let (appended, added) = document.appending("[a]" + document.lineEnd)
        let place = bytes.count..<appended.count
        precondition(INIDocument(appended).removing(place).bytes == bytes, "an edit can't be undone: \(added)")
        let shared = SharedConfiguration(config: document, credentials: document)
        for profile in shared.profiles.values {
            _ = try? ProfileKeys(profile)
            _ = try? SSOProfile(profile, sessions: shared.ssoSessions)
            if let command = try? profile.text("credential_process") { _ = try? ShellWords.split(command) }
        }
        return document.error == nil
    }

    private static func response(_ body: Data, isXML: Bool) -> Bool {
        let response = HTTPClientResponse(status: 200, headers: [], body: body)
        let error = AWSErrorBody.error(response, service: .sts, operation: "AssumeRole", hiding: [Secret("hidden")])
        precondition(error.message?.contains("hidden") != true, "a secret came back")
        if isXML {
            let result = try? QueryResponse(response, operation: "AssumeRole", service: .sts)
            return result.flatMap { try? AssumedRole($0) } != nil
        }
        let decoder = JSONDecoder()
        return (try? decoder.decode(MetadataResponse.self, from: body)) != nil
            || (try? decoder.decode(SSOToken.self, from: body)) != nil
    }

    private static func token(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let encoded = Base64.encode(bytes, after: DecodedBedrockToken.prefix)
        return [text, encoded].contains { (try? DecodedBedrockToken(Secret($0))) != nil }
    }

    private static func url(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let credentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("secret"))
        let date = Date(timeIntervalSince1970: 1_767_323_045)
        let request = SigningRequest(method: "GET", url: text, headers: [("X-A", text)])
        let signer = SigV4(service: "sts", region: "us-east-1")
        guard let signed = try? signer.presign(request, with: credentials, expiry: .seconds(60), at: date) else {
            return false
        }
        precondition(URLParts(signed.reveal()) != nil, "a presigned URL is no URL")
        return (try? signer.sign(request, with: credentials, at: date)) != nil
    }
}
#endif
