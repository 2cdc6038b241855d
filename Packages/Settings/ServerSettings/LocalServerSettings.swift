package import AWSAuth
package import BursarConsole
import BursarModel
package import Vending

/// The server's settings as far as available, with assumptions for the rest.
///
/// They come from this shell and the settings file: a server that was started otherwise may have others.
package struct LocalServerSettings: Sendable {
    package let terms: ServerTerms
    package let role: Settings.STSRole
    package let partition: Partition
    /// True if the server vends simulated credentials and never calls AWS.
    package let isSimulated: Bool
    /// The assumptions, a sentence each.
    package let assumptions: [String]

    /// `settings` returns all of them, or throws where one is missing; `reader` then reads those that are there.
    ///
    /// - Throws: ``UserFacingError`` when a setting is malformed: the server wouldn't start.
    package init(
        _ reader: SettingReader,
        environment: [String: String],
        settings: () throws(UserFacingError) -> Settings
    ) throws(UserFacingError) {
        var missing: String?
        do throws(UserFacingError) {
            let settings = try settings()
            terms = settings.terms
            if case .sts(let role) = settings.issuer {
                self.role = role
                partition = role.partition
                isSimulated = false
                assumptions = []
                return
            }
        } catch {
            missing = error.problem
            let duration = try reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
                SessionDuration($0)
            }
            terms = try ServerTerms(reader, sessionDuration: duration, region: Self.region(reader, environment))
        }
        isSimulated = missing == nil
        var assumptions: [String] = []
        if let missing { assumptions.append("the server's settings are not complete here: \(missing)") }
        if isSimulated { assumptions.append("the server simulates credentials, so no session policy is sent") }
        let region = Self.region(reader, environment)
        if region == nil { assumptions.append("no region is set: partition aws is assumed") }
        let arn = reader.text(.roleARN) ?? ""
        partition =
            try region.map { (region) throws(UserFacingError) in try reader.partition(of: region) } ?? .aws
        var role = Settings.STSRole(
            arn: arn.isEmpty ? arn : try reader.role(arn, .roleARN, in: partition),
            region: region ?? partition.globalRegion,
            partition: partition,
            externalID: reader.text(.externalID)
        )
        // All of them, even if other settings are missing: the sessions of an omitted role would never be revoked.
        role.projects = try Settings.projects(reader, in: partition)
        role.sessionName = try Settings.sessionName(reader)
        role.tagsSessions = try reader.flag(.sessionTags)
        role.setsSourceIdentity = try reader.flag(.sourceIdentity)
        role.pinsAddresses = try reader.flag(.pinAddresses)
        self.role = role
        self.assumptions = assumptions
    }

    /// Every role that the server may assume.
    package var roles: [String] {
        let all = (role.arn.isEmpty ? [] : [role.arn]) + role.projects.values.sorted()
        var seen: Set<String> = []
        return all.filter { seen.insert($0).inserted }
    }

    private static func region(_ reader: SettingReader, _ environment: [String: String]) -> String? {
        [reader.text(.region), environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
    }
}
