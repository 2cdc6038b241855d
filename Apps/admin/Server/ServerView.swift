import AWSAuth
import BursarCore
import Console
import ServerSettings
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's settings as far as they are there, and what is taken for the others.
///
/// They are those of this shell and of the settings file: a server that was started otherwise may have others.
struct ServerView {
    let terms: ServerTerms
    let role: Settings.STSRole
    let partition: Partition
    /// Whether the server hands out credentials that AWS refuses, and asks it for none.
    let isSimulated: Bool
    /// What is assumed, a sentence each.
    let assumptions: [String]

    /// - Throws: ``Problem`` when a setting is there and malformed: the server wouldn't start.
    init(_ desk: Desk) throws(Problem) {
        var missing: String?
        do throws(Problem) {
            let settings = try desk.settings()
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
            let duration = try desk.reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
                SessionDuration($0)
            }
            terms = try ServerTerms(desk.reader, sessionDuration: duration, region: Self.region(desk))
        }
        isSimulated = missing == nil
        var assumptions: [String] = []
        if let missing { assumptions.append("the server's settings are not complete here: \(missing)") }
        if isSimulated { assumptions.append("the server simulates credentials, so no session policy is sent") }
        let region = Self.region(desk)
        if region == nil { assumptions.append("no region is set: partition aws is assumed") }
        let arn = desk.reader.text(.roleARN) ?? ""
        partition = try region.map { (region) throws(Problem) in try desk.reader.partition(of: region) } ?? .aws
        var role = Settings.STSRole(
            arn: arn.isEmpty ? arn : try desk.reader.role(arn, .roleARN, in: partition),
            region: region ?? partition.globalRegion,
            partition: partition,
            externalID: desk.reader.text(.externalID)
        )
        // All of them, whatever else is lacking: a role that is left out is one whose sessions nobody ends.
        role.projects = try Settings.projects(desk.reader, in: partition)
        role.tagsSessions = try desk.reader.flag(.sessionTags)
        role.setsSourceIdentity = try desk.reader.flag(.sourceIdentity)
        role.pinsAddresses = try desk.reader.flag(.pinAddresses)
        self.role = role
        self.assumptions = assumptions
    }

    /// Every role that the server may assume.
    var roles: [String] {
        let all = (role.arn.isEmpty ? [] : [role.arn]) + role.projects.values.sorted()
        var seen: Set<String> = []
        return all.filter { seen.insert($0).inserted }
    }

    private static func region(_ desk: Desk) -> String? {
        [desk.reader.text(.region), desk.environment["AWS_REGION"], desk.environment["AWS_DEFAULT_REGION"]]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
    }
}
