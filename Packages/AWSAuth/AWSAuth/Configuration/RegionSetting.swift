/// The region that a user has set, by the words of AWS's tools.
public enum RegionSetting {
    /// `explicit`, else `AWS_REGION`, else `AWS_DEFAULT_REGION`, else the profile's `region`; nil when none says.
    ///
    /// - Parameters:
    ///   - explicit: as given in code or on a command line.
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - profile: as chosen in code; nil leaves it to `AWS_PROFILE` and `default`.
    /// - Returns: the name as written; whether it is one is checked where it is used.
    /// - Throws: ``CredentialError`` when the config files have to be read and can't be.
    public static func find(
        explicit: String? = nil,
        environment: [String: String],
        profile: String? = nil
    ) throws(CredentialError) -> String? {
        if let explicit, !explicit.isEmpty { return explicit }
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let region = environment[name], !region.isEmpty { return region }
        }
        return try ResolvedProfile(environment: environment, profile: profile).region()
    }
}
