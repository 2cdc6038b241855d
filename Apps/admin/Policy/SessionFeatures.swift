import AWSAuth
import ArgumentParser
import ServerSettings

/// What sessions carry besides the researcher's name; the settings say unless these do.
struct SessionFeatures: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Sessions carry tags: sts:TagSession. (BURSAR_SESSION_TAGS)")
    var tags: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: "Sessions carry SourceIdentity: sts:SetSourceIdentity. (BURSAR_SOURCE_IDENTITY)"
    )
    var sourceIdentity: Bool?

    func policies(_ view: LocalServerSettings) -> RolePolicies {
        RolePolicies(
            tagsSessions: tags ?? view.role.tagsSessions,
            setsSourceIdentity: sourceIdentity ?? view.role.setsSourceIdentity
        )
    }
}
