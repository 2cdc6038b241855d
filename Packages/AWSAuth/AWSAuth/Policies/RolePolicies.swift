/// How the vending server comes to sessions of the role that researchers use: what both sides have to allow.
package struct RolePolicies: Sendable, Equatable {
    /// The tags that a session may carry; others are refused.
    package static let tags = ["researcher", "project", "key"]

    /// Whether sessions carry tags (`sts:TagSession`).
    package var tagsSessions: Bool
    /// Whether sessions carry the handle as SourceIdentity (`sts:SetSourceIdentity`).
    package var setsSourceIdentity: Bool

    package init(tagsSessions: Bool = false, setsSourceIdentity: Bool = false) {
        self.tagsSessions = tagsSessions
        self.setsSourceIdentity = setsSourceIdentity
    }

    /// The trust policy of the role: the server alone may assume it.
    ///
    /// The external id is asked for where it is sent: IAM knows `sts:ExternalId` with AssumeRole only, so a condition
    /// on it would refuse the other two for good.
    package func trust(server: String, externalID: String?) -> PolicyDocument {
        let principal = ["AWS": [server]]
        var statements = [
            PolicyDocument.Statement(
                sid: "AssumeRole",
                principal: principal,
                action: ["sts:AssumeRole"],
                condition: externalID.map { ["StringEquals": ["sts:ExternalId": [$0]]] }
            )
        ]
        if tagsSessions {
            statements.append(
                PolicyDocument.Statement(
                    sid: "TagSession",
                    principal: principal,
                    action: ["sts:TagSession"],
                    condition: ["ForAllValues:StringEquals": ["aws:TagKeys": Self.tags]]
                )
            )
        }
        if setsSourceIdentity {
            statements.append(
                PolicyDocument.Statement(
                    sid: "SetSourceIdentity",
                    principal: principal,
                    action: ["sts:SetSourceIdentity"]
                )
            )
        }
        return PolicyDocument(statements)
    }

    /// What the server's own role is to be permitted: to assume `roles`, and nothing else.
    package func server(roles: [String]) -> PolicyDocument {
        let actions =
            ["sts:AssumeRole"] + (tagsSessions ? ["sts:TagSession"] : [])
            + (setsSourceIdentity ? ["sts:SetSourceIdentity"] : [])
        return PolicyDocument([PolicyDocument.Statement(sid: "AssumeRole", action: actions, resource: roles)])
    }
}
