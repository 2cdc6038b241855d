package import AWSAuth
package import BursarFoundation
package import BursarModel

extension Settings.STSRole {
    /// What narrows a session of a key, as these settings have it.
    package func sessionPolicy(models: ModelList?, allowed: AddressList?, end: Date?) -> SessionPolicy {
        SessionPolicy(
            models: models,
            addresses: pinsAddresses ? allowed.flatMap(Self.pinnable) : nil,
            end: end
        )
    }

    /// A list that AWS can match: it never sees private addresses.
    private static func pinnable(_ list: AddressList) -> AddressList? {
        list.blocks.allSatisfy(\.isPublic) ? list : nil
    }
}
