/// CloudTrail's record of an AssumeRole, as AWS documents it.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
package struct CloudTrailEvent {
    package static let role = "arn:aws:iam::123456789012:role/bedrock"
    package static let server = "arn:aws:iam::123456789012:role/vending-server"

    package var time = "2026-11-21T12:00:00Z"
    package var name: String
    package var accessKeyID: String
    package var role: String
    package var session: String
    package var caller = Self.server
    package var error: String?

    package init(
        name: String = "AssumeRole",
        accessKeyID: String = "ASIAEXAMPLE0000000001",
        role: String = Self.role,
        session: String = "ada",
        error: String? = nil
    ) {
        self.name = name
        self.accessKeyID = accessKeyID
        self.role = role
        self.session = session
        self.error = error
    }

    package var json: String {
        let answer = """
            {"credentials":{"accessKeyId":"\(accessKeyID)","expiration":"Nov 21, 2026 1:00:00 PM","sessionToken":"x"},\
            "assumedRoleUser":{"arn":"\(role)/\(session)"}}
            """
        let error = error.map { #""errorCode":"\#($0)","# } ?? ""
        return """
            {"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","arn":"\(caller)/i-0123","sessionContext":\
            {"sessionIssuer":{"type":"Role","arn":"\(caller)"}}},"eventTime":"\(time)",\(error)\
            "eventSource":"sts.amazonaws.com","eventName":"\(name)","awsRegion":"us-east-1",\
            "requestParameters":{"roleArn":"\(role)","roleSessionName":"\(session)","durationSeconds":3600},\
            "responseElements":\(self.error == nil ? answer : "null"),"eventType":"AwsApiCall"}
            """
    }

    /// A file of CloudTrail's bucket.
    package static func file(_ events: [CloudTrailEvent]) -> String {
        #"{"Records":[\#(events.map(\.json).joined(separator: ","))]}"#
    }

    /// The output of `aws cloudtrail lookup-events`.
    package static func lookup(_ events: [CloudTrailEvent]) -> String {
        let items = events.map { event in
            let text = event.json.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return #"{"EventId":"1","EventName":"\#(event.name)","CloudTrailEvent":"\#(text)"}"#
        }
        return #"{"Events":[\#(items.joined(separator: ","))],"NextToken":"x"}"#
    }
}
