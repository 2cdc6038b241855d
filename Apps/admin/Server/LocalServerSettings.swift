import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Vending

/// The server's settings as far as available, with assumptions for the rest.
///
/// They come from this shell and the settings file: a server that was started otherwise may have others.
struct LocalServerSettings {
    let terms: ServerTerms
    let role: Settings.STSRole
    let partition: Partition
    /// True if the server vends simulated credentials and never calls AWS.
    let isSimulated: Bool
    /// The assumptions, a sentence each.
    let assumptions: [String]

    /// - Throws: ``UserFacingError`` when a setting is malformed: the server wouldn't start.
    init(_ context: AdminContext) throws(UserFacingError) {
        var missing: String?
        do throws(UserFacingError) {
            let settings = try context.settings()
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
            let duration = try context.reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
                SessionDuration($0)
            }
            terms = try ServerTerms(context.reader, sessionDuration: duration, region: Self.region(context))
        }
        isSimulated = missing == nil
        var assumptions: [String] = []
        if let missing { assumptions.append("the server's settings are not complete here: \(missing)") }
        if isSimulated { assumptions.append("the server simulates credentials, so no session policy is sent") }
        let region = Self.region(context)
        if region == nil { assumptions.append("no region is set: partition aws is assumed") }
        let arn = context.reader.text(.roleARN) ?? ""
        partition =
            try region.map { (region) throws(UserFacingError) in try context.reader.partition(of: region) } ?? .aws
        var role = Settings.STSRole(
            arn: arn.isEmpty ? arn : try context.reader.role(arn, .roleARN, in: partition),
            region: region ?? partition.globalRegion,
            partition: partition,
            externalID: context.reader.text(.externalID)
        )
        // All of them, even if other settings are missing: the sessions of an omitted role would never be revoked.
        role.projects = try Settings.projects(context.reader, in: partition)
        role.tagsSessions = try context.reader.flag(.sessionTags)
        role.setsSourceIdentity = try context.reader.flag(.sourceIdentity)
        role.pinsAddresses = try context.reader.flag(.pinAddresses)
        self.role = role
        self.assumptions = assumptions
    }

    /// Every role that the server may assume.
    var roles: [String] {
        let all = (role.arn.isEmpty ? [] : [role.arn]) + role.projects.values.sorted()
        var seen: Set<String> = []
        return all.filter { seen.insert($0).inserted }
    }

    private static func region(_ context: AdminContext) -> String? {
        [context.reader.text(.region), context.environment["AWS_REGION"], context.environment["AWS_DEFAULT_REGION"]]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
    }
}
