package import AWSAuth
package import AWSClients
package import BursarConsole
import BursarModel

/// The platform that the server runs on, which determines who may assume its role.
package enum ServerTrust: Equatable, Sendable {
    /// An EC2 instance, by an instance profile.
    case instance
    /// An ECS task.
    case task
    /// A Kubernetes pod, by a service account's token (IRSA).
    case pod(ServiceAccount)
    /// A pod of the EKS cluster of this name, by an association (Pod Identity).
    case associatedPod(cluster: String)

    /// The trust policy of the server's role, with variables such as `${AWS::AccountId}` for values that the stack
    /// knows.
    package func document(_ partition: Partition) -> PolicyDocument {
        switch self {
        case .instance: ServiceTrust.instances(partition)
        case .task: ServiceTrust.tasks(partition, account: "${AWS::AccountId}", region: "${AWS::Region}")
        case .pod(let account):
            ServiceTrust.webIdentity(provider: account.provider, issuer: account.issuer, subject: account.subject)
        case .associatedPod(let cluster):
            ServiceTrust.pods(
                partition,
                cluster: cluster,
                account: "${AWS::AccountId}",
                region: "${AWS::Region}"
            )
        }
    }

    /// Checks a cluster's name by EKS's rules.
    ///
    /// - Throws: ``UserFacingError`` that names the option.
    package static func cluster(_ name: String) throws(UserFacingError) -> String {
        guard (1...100).contains(name.utf8.count), name.utf8.first?.isASCIILetterOrDigit == true,
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) })
        else {
            throw UserFacingError(
                "--pod-identity \"\(ControlText.brief(name))\" is not the name of an EKS cluster",
                hint: "aws eks list-clusters; a pattern isn't taken: each cluster it fits could be the server's"
            )
        }
        return name
    }
}

/// A Kubernetes service account whose tokens are verified by an OIDC provider in IAM.
package struct ServiceAccount: Equatable, Sendable {
    /// The provider's ARN.
    package let provider: String
    /// The provider's address without `https://`, the prefix of its condition keys.
    package let issuer: String
    /// `NAMESPACE:NAME`.
    package let name: String

    /// The token's subject.
    package var subject: String { "system:serviceaccount:\(name)" }

    /// - Throws: ``UserFacingError`` that names the option.
    package init(provider: String, account: String, _ partition: Partition) throws(UserFacingError) {
        guard let parts = try ARN.reading(provider, .option("--oidc-provider")), parts.service == "iam",
            parts.region.isEmpty, AccountID.isValid(parts.account), parts.kind == "oidc-provider",
            Self.isIssuer(parts.name[...])
        else {
            throw UserFacingError.misuse(
                "--oidc-provider \"\(provider)\" is not the ARN of an OIDC provider",
                hint: "aws iam list-open-id-connect-providers; it looks like "
                    + "arn:\(partition.rawValue):iam::123456789012:oidc-provider/oidc.eks.REGION.\(partition.domain)/id/ID"
            )
        }
        guard parts.partition == partition else {
            throw UserFacingError.misuse(
                "--oidc-provider is of \(parts.partition.rawValue), the stack of \(partition.rawValue)",
                hint: "name a provider of arn:\(partition.rawValue)"
            )
        }
        let names = account.split(separator: ":", omittingEmptySubsequences: false)
        guard names.count == 2, Self.isLabel(names[0]), names[1].utf8.count <= 253,
            names[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isLabel)
        else {
            throw UserFacingError.misuse(
                "--service-account \"\(account)\" is not a service account of Kubernetes",
                hint:
                    "NAMESPACE:NAME, as bursar:bursar; a pattern isn't taken: each account it fits could be the server"
            )
        }
        self.provider = provider
        issuer = parts.name
        name = account
    }

    /// Accepts a host and a path, without characters that have a meaning in a policy or a template.
    private static func isIssuer(_ text: Substring) -> Bool {
        guard let host = text.split(separator: "/", omittingEmptySubsequences: false).first else { return false }
        return text.utf8.count <= 255 && host.contains(".") && !host.hasPrefix(".") && !host.hasSuffix(".")
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._/".utf8.contains($0) }
            && !text.hasSuffix("/") && !text.contains("//")
    }

    /// Accepts a label by RFC 1123, as Kubernetes requires.
    private static func isLabel(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { byte in
                (byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-"))
                    && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            }
    }
}

/// The options for the server's platform.
package struct ServerTrustOptions: Equatable, Sendable {
    package var ecs: Bool?
    package var oidcProvider: String?
    package var serviceAccount: String?
    package var podIdentity: String?

    package init() {}

    /// True when any option named a platform.
    package var isGiven: Bool { ecs != nil || oidcProvider != nil || podIdentity != nil }

    /// Returns these options, or the stack's where none is given; an account alone changes the account of the stack's
    /// provider.
    package func keeping(_ kept: DeployedOptions) -> Self {
        var options = self
        if !isGiven {
            options.podIdentity = kept.podIdentity
            options.oidcProvider = kept.oidcProvider
            options.serviceAccount = serviceAccount ?? kept.serviceAccount
            options.ecs = kept.ecs
        }
        return options
    }

    /// - Throws: ``UserFacingError`` for values that AWS would refuse, and for incomplete options.
    package func trust(_ partition: Partition) throws(UserFacingError) -> ServerTrust {
        // An empty string means none.
        let given = [oidcProvider, serviceAccount, podIdentity].map { $0?.isEmpty == true ? nil : $0 }
        if let cluster = given[2] {
            guard ecs != true, given[0] == nil, given[1] == nil else {
                throw UserFacingError(
                    "--pod-identity goes with neither --ecs nor --oidc-provider and --service-account",
                    hint: "the association names the service account: aws eks create-pod-identity-association"
                )
            }
            return .associatedPod(cluster: try ServerTrust.cluster(cluster))
        }
        switch (given[0], given[1]) {
        case (nil, nil): return ecs == true ? .task : .instance
        case (.some, nil):
            throw UserFacingError.misuse(
                "--oidc-provider needs --service-account: each pod of the cluster could be the server",
                hint: "add --service-account NAMESPACE:NAME"
            )
        case (nil, .some):
            throw UserFacingError.misuse(
                "--service-account says nothing without --oidc-provider",
                hint: "aws iam list-open-id-connect-providers names it"
            )
        case (let provider?, let account?):
            guard ecs != true else {
                throw UserFacingError.misuse(
                    "--ecs and --oidc-provider can't both be meant",
                    hint: "a server runs in one place: make a stack for each"
                )
            }
            return .pod(try ServiceAccount(provider: provider, account: account, partition))
        }
    }
}
