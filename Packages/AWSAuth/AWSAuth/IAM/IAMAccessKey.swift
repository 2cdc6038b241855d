public import BursarFoundation
public import BursarModel

/// A user's access key, without its secret.
public struct IAMAccessKey: Sendable, Equatable {
    public let id: String
    /// An inactive key is kept, and refused wherever it is used.
    public let isActive: Bool
    public let created: Date

    package init(id: String, isActive: Bool, created: Date) {
        self.id = id
        self.isActive = isActive
        self.created = created
    }

    init?(_ element: XMLElement) {
        guard let id = element["AccessKeyId"]?.text, !id.isEmpty, let status = element["Status"]?.text,
            let created = element["CreateDate"].flatMap({ Timestamp.date($0.text) })
        else { return nil }
        self.id = id
        isActive = status == "Active"
        self.created = created
    }
}

/// An access key just made: the only time that its secret is known.
public struct NewAccessKey: Sendable {
    public let id: String
    public let secret: Secret<String>
    public let created: Date?

    init(_ answer: QueryResponse) throws(AWSError) {
        id = try answer.text("AccessKey", "AccessKeyId")
        let secret = try answer.text("AccessKey", "SecretAccessKey")
        guard CredentialField.accessKeyID.accepts(id), CredentialField.secretAccessKey.accepts(secret) else {
            throw answer.malformed("AccessKey")
        }
        self.secret = Secret(secret)
        created = answer.result.at("AccessKey", "CreateDate").flatMap { Timestamp.date($0.text) }
    }
}

/// When a key was last used, as far as IAM knows; it may lag by hours.
public struct AccessKeyUse: Sendable, Equatable {
    /// nil when it was never used.
    public let date: Date?
    /// `bedrock`; nil when it was never used.
    public let service: String?
    public let region: String?

    init(_ answer: QueryResponse) {
        func said(_ name: String) -> String? {
            answer.result.at("AccessKeyLastUsed", name)?.text.trimmingASCIIWhitespace().description
        }
        date = said("LastUsedDate").flatMap { Timestamp.date($0) }
        service = date == nil ? nil : said("ServiceName")
        region = date == nil ? nil : said("Region")
    }
}
