import BursarFoundation
import BursarModel

/// A session that STS issued, as CloudTrail tells it.
struct AssumeRoleEvent: Equatable {
    let date: Date
    let accessKeyID: String
    let roleARN: String
    let sessionName: String
    /// Who assumed the role, without the name of its own session.
    let caller: String

    enum ParseError: Error {
        /// It isn't what CloudTrail writes.
        case malformed
        /// AWS granted it, and the event doesn't tell the access key.
        case keyless
        /// It is no call, but what CloudTrail makes of many: "unusually many of these".
        case insight
    }

    /// nil when the event is another one, or AWS refused it.
    ///
    /// - Throws: ``ParseError`` when it is no event at all.
    init?(json bytes: ArraySlice<UInt8>) throws {
        guard bytes.firstRange(of: Self.name) != nil else { return nil }
        let decoder = JSONDecoder()
        var event = try decoder.decode(Event.self, from: Data(bytes))
        if let inner = event.cloudTrailEvent { event = try decoder.decode(Event.self, from: Data(inner.utf8)) }
        guard event.eventCategory != "Insight" else { throw ParseError.insight }
        guard let source = event.eventSource, let name = event.eventName else { throw ParseError.malformed }
        guard source == "sts.amazonaws.com", name == "AssumeRole", event.errorCode == nil else { return nil }
        guard let date = event.eventTime.flatMap({ Timestamp.date($0) }) else { throw ParseError.malformed }
        guard let accessKeyID = event.responseElements?.credentials?.accessKeyId,
            let roleARN = event.requestParameters?.roleArn,
            let sessionName = event.requestParameters?.roleSessionName
        else { throw ParseError.keyless }
        self.date = date
        self.accessKeyID = accessKeyID
        self.roleARN = roleARN
        self.sessionName = sessionName
        let issuer = event.userIdentity?.sessionContext?.sessionIssuer?.arn
        caller = issuer ?? event.userIdentity?.arn ?? event.userIdentity?.invokedBy ?? "unknown"
    }

    private static let name = Array("AssumeRole".utf8)

    /// The part of CloudTrail's record that is of use, in its own spelling.
    ///
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    private struct Event: Decodable {
        let eventCategory: String?
        let eventSource: String?
        let eventName: String?
        let eventTime: String?
        let errorCode: String?
        let requestParameters: Parameters?
        let responseElements: Response?
        let userIdentity: Identity?
        /// What `aws cloudtrail lookup-events` has the whole event in.
        let cloudTrailEvent: String?

        enum CodingKeys: String, CodingKey {
            case eventCategory, eventSource, eventName, eventTime, errorCode, requestParameters, responseElements,
                userIdentity
            case cloudTrailEvent = "CloudTrailEvent"
        }

        struct Parameters: Decodable {
            let roleArn: String?
            let roleSessionName: String?
        }

        struct Response: Decodable {
            let credentials: Credentials?
        }

        struct Credentials: Decodable {
            let accessKeyId: String?
        }

        struct Identity: Decodable {
            let arn: String?
            let invokedBy: String?
            let sessionContext: Context?
        }

        struct Context: Decodable {
            let sessionIssuer: Issuer?
        }

        struct Issuer: Decodable {
            let arn: String?
        }
    }
}
