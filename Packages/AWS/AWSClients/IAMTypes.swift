import AWSAuth
package import BursarFoundation
package import BursarModel

/// A user in IAM; its tags take a request of their own.
package struct IAMUser: Sendable, Equatable {
    package let name: String
    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    package let arn: String
    package let created: Date?

    init?(_ element: XMLElement) {
        guard let name = element["UserName"]?.text, !name.isEmpty, let arn = element["Arn"]?.text, !arn.isEmpty else {
            return nil
        }
        self.name = name
        self.arn = arn
        created = element["CreateDate"].flatMap { Timestamp.date($0.text) }
    }
}

/// A tag of a user, for policies and cost reports.
package struct IAMTag: Sendable, Equatable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    init?(_ element: XMLElement) {
        guard let key = element["Key"]?.text, !key.isEmpty else { return nil }
        self.init(key: key, value: element["Value"]?.text ?? "")
    }

    /// The parameters `Tags.member.1.Key`, `Tags.member.1.Value` and so on.
    static func parameters(_ tags: [IAMTag]) -> [IAMClient.Parameter] {
        tags.enumerated().flatMap { index, tag in
            [("Tags.member.\(index + 1).Key", tag.key), ("Tags.member.\(index + 1).Value", tag.value)]
        }
    }
}

/// A user's access key, without its secret.
package struct IAMAccessKey: Sendable, Equatable {
    package let id: String
    /// An inactive key still exists, and AWS refuses it.
    package let isActive: Bool
    package let created: Date

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

/// A new access key, with its secret, which IAM reveals only once.
package struct NewAccessKey: Sendable {
    package let id: String
    package let secret: Secret<String>
    package let created: Date?

    init(_ response: QueryResponse) throws(AWSError) {
        id = try response.text("AccessKey", "AccessKeyId")
        let secret = try response.text("AccessKey", "SecretAccessKey")
        guard CredentialField.accessKeyID.accepts(id), CredentialField.secretAccessKey.accepts(secret) else {
            throw response.malformed("AccessKey")
        }
        self.secret = Secret(secret)
        created = response.result.at("AccessKey", "CreateDate").flatMap { Timestamp.date($0.text) }
    }
}

/// The last use of a key; IAM may lag by hours.
package struct AccessKeyUse: Sendable, Equatable {
    /// nil if the key was never used.
    package let date: Date?
    /// `bedrock`; nil if the key was never used.
    package let service: String?
    package let region: String?

    init(_ response: QueryResponse) {
        func value(_ name: String) -> String? {
            response.result.at("AccessKeyLastUsed", name)?.text.trimmingASCIIWhitespace().description
        }
        date = value("LastUsedDate").flatMap { Timestamp.date($0) }
        service = date == nil ? nil : value("ServiceName")
        region = date == nil ? nil : value("Region")
    }
}

/// A role in IAM.
package struct IAMRole: Sendable, Equatable {
    package let name: String
    package let arn: String
    package let created: Date?
    /// The longest session that it allows; nil if IAM doesn't report it.
    package let longestSession: Duration?
    /// The trust policy, JSON.
    package let trustPolicy: String?

    init(_ response: QueryResponse) throws(AWSError) {
        name = try response.text("Role", "RoleName")
        arn = try response.text("Role", "Arn")
        created = response.result.at("Role", "CreateDate").flatMap { Timestamp.date($0.text) }
        let seconds = response.result.at("Role", "MaxSessionDuration").flatMap { Int64($0.text) }
        longestSession = seconds.map { .seconds($0) }
        trustPolicy = response.result.at("Role", "AssumeRolePolicyDocument").flatMap { IAMClient.document($0.text) }
    }
}

/// A managed policy that is attached to a user or a role.
package struct AttachedPolicy: Sendable, Equatable {
    package let name: String
    package let arn: String

    init?(_ element: XMLElement) {
        guard let name = element["PolicyName"]?.text, let arn = element["PolicyArn"]?.text, !arn.isEmpty else {
            return nil
        }
        self.name = name
        self.arn = arn
    }
}

/// The limits that IAM documents for its parameters, checked before anything is sent.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
enum IAMLimits {
    static func check(userName: String) throws(AWSError) {
        try check(name: userName, longest: 64, field: "UserName")
    }

    static func check(roleName: String) throws(AWSError) {
        try check(name: roleName, longest: 64, field: "RoleName")
    }

    static func check(policyName: String) throws(AWSError) {
        try check(name: policyName, longest: 128, field: "PolicyName")
    }

    static func check(policyARN: String) throws(AWSError) {
        guard (20...2048).contains(policyARN.utf8.count), policyARN.hasPrefix("arn:"), policyARN.contains(":policy/"),
            policyARN.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidParameter(service: .iam, field: "PolicyArn") }
    }

    /// Blanks don't count towards AWS's limit, `most`; a document of more than 128 KiB is always refused.
    static func check(document: String, most: Int) throws(AWSError) {
        let count = document.unicodeScalars.count { !$0.properties.isWhitespace }
        guard (1...most).contains(count), document.utf8.count <= 131_072 else {
            throw .invalidParameter(service: .iam, field: "PolicyDocument")
        }
    }

    static func check(accessKeyID: String) throws(AWSError) {
        guard (16...128).contains(accessKeyID.utf8.count), accessKeyID.utf8.allSatisfy(\.isASCIILetterOrDigit) else {
            throw .invalidParameter(service: .iam, field: "AccessKeyId")
        }
    }

    static func check(tags: [IAMTag]) throws(AWSError) {
        let isFine = tags.allSatisfy { tag in
            (1...128).contains(tag.key.unicodeScalars.count) && tag.value.unicodeScalars.count <= 256
        }
        guard isFine, tags.count <= 50 else { throw .invalidParameter(service: .iam, field: "Tags") }
    }

    private static func check(name: String, longest: Int, field: String) throws(AWSError) {
        guard (1...longest).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@-".utf8.contains($0) })
        else { throw .invalidParameter(service: .iam, field: field) }
    }
}
