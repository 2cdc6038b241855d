import AWSAuth
import AWSClients
import BursarConsole
import Testing

@testable import AWSOperations

/// The changes in a region, decided from what is there.
@Suite struct LoggingPlanTests {
    private static let role = InvocationLogRole(partition: .aws, account: "123456789012", regions: [])
    private static let group = LogGroup(name: InvocationLogName.group, retention: 90)
    private static let own = InvocationLogging(logGroup: .init(name: InvocationLogName.group, roleARN: role.arn))
    private static let another = InvocationLogging(
        logGroup: .init(name: "/theirs", roleARN: "arn:aws:iam::123456789012:role/theirs")
    )
    private static let theirGroup = LogGroup(name: "/theirs")

    private func plan(
        _ configuration: InvocationLogging?,
        _ group: LogGroup?,
        _ options: LoggingPlan.Options = .init(),
        role state: LoggingPlan.RoleState = .present(trust: ["r-1"], rights: ["r-1"])
    ) -> LoggingPlan {
        let region = RegionLogging(region: "r-1", configuration: configuration, group: group)
        return LoggingPlan([region], role: Self.role, state, options)
    }

    @Test func `where nothing is, all is made`() {
        let plan = plan(nil, nil, role: .missing)
        #expect(plan.decisions == [.steps([.createGroup, .setRetention(90, was: nil), .configure])])
        #expect(plan.roleSteps == [.create, .putRights] && plan.role.regions == ["r-1"])
        #expect(!plan.isEmpty && plan.refusals(.missing).isEmpty)
    }

    @Test func `where all is as it should be, nothing is done`() {
        #expect(plan(Self.own, Self.group).isEmpty)
    }

    @Test func `a retention is set where it is asked for, and only there`() {
        let kept = LogGroup(name: InvocationLogName.group, retention: 7)
        #expect(plan(Self.own, kept).isEmpty)
        #expect(plan(Self.own, kept, .init(retention: 30)).decisions == [.steps([.setRetention(30, was: 7)])])
        #expect(plan(Self.own, kept, .init(retention: 7)).isEmpty)
        let made = plan(nil, nil, .init(retention: 365)).decisions
        #expect(made == [.steps([.createGroup, .setRetention(365, was: nil), .configure])])
        let adopted = plan(Self.another, Self.theirGroup, .init(adopts: true, retention: 30))
        #expect(adopted.isEmpty, "another's group is not touched")
    }

    @Test func `a group without retention stays so, and is named`() {
        let endless = LogGroup(name: InvocationLogName.group)
        for configuration in [nil, Self.own] {
            let left = plan(configuration, endless)
            #expect(left.unlimited == ["r-1"])
            #expect(
                !left.decisions.contains {
                    if case .steps(let steps) = $0 { steps.contains { $0 != .configure } } else { true }
                }
            )
            #expect(plan(configuration, endless, .init(retention: 30)).unlimited.isEmpty)
        }
        #expect(plan(Self.own, Self.group).unlimited.isEmpty && plan(nil, nil).unlimited.isEmpty)
        #expect(plan(Self.another, Self.theirGroup, .init(adopts: true)).unlimited.isEmpty)
    }

    @Test func `Bursar's own configuration gets its flags off again, unless another delivers by it as well`() {
        var changed = Self.own
        changed.bodies = [.text]
        #expect(plan(changed, Self.group).decisions == [.steps([.removeBodies([.text])])])
        changed.bucket = .init(name: "theirs")
        #expect(plan(changed, Self.group).decisions == [.refused(.unreadable(.bodies([.text])))])
        changed.bodies = []
        #expect(plan(changed, Self.group).isEmpty)
        changed.logGroup?.largeBodies = .init(name: "theirs")
        changed.bodies = InvocationLogging.Body.allCases
        #expect(plan(changed, Self.group).refusals(.missing).count == 1)
    }

    @Test(arguments: [false, true])
    func `another's configuration is never replaced`(_ adopts: Bool) {
        let options = LoggingPlan.Options(adopts: adopts)
        var withBodies = Self.another
        withBodies.bodies = [.text]
        let onlyBucket = InvocationLogging(bucket: .init(name: "theirs"))
        var rolesAnother = Self.own
        rolesAnother.logGroup?.roleARN = "arn:aws:iam::123456789012:role/theirs"
        let cases: [(InvocationLogging, LogGroup?)] = [
            (Self.another, Self.theirGroup), (Self.another, nil), (withBodies, Self.theirGroup), (onlyBucket, nil),
            (Self.another, LogGroup(name: "/theirs", logClass: "INFREQUENT_ACCESS")), (rolesAnother, Self.group),
        ]
        for (configuration, group) in cases {
            let plan = plan(configuration, group, options, role: .missing)
            #expect(plan.isEmpty && plan.roleSteps.isEmpty, "\(configuration)")
            let isReadable = group?.logClass == LogGroup.standard && configuration.bodies.isEmpty
            #expect(plan.refusals(.missing).isEmpty == (adopts && isReadable), "\(configuration)")
        }
        #expect(plan(Self.another, Self.theirGroup, .init(adopts: true)).decisions == [.adopted("/theirs")])
    }

    @Test func `a group of another class is refused`() {
        let group = LogGroup(name: InvocationLogName.group, logClass: "INFREQUENT_ACCESS")
        for configuration in [nil, Self.own] {
            let refusals = plan(configuration, group).refusals(.missing)
            #expect(refusals.count == 1 && refusals[0].problem.contains("class INFREQUENT_ACCESS"))
        }
    }

    @Test func `regions are added to the role, and never taken away`() {
        let state = LoggingPlan.RoleState.present(trust: ["r-1", "r-2"], rights: ["r-3"])
        let plan = plan(nil, nil, role: state)
        #expect(plan.role.regions == ["r-1", "r-2", "r-3"])
        #expect(plan.roleSteps == [.updateTrust, .putRights])
        let whole = LoggingPlan.RoleState.present(trust: ["r-1", "r-2"], rights: ["r-1", "r-2"])
        #expect(self.plan(Self.own, Self.group, role: whole).isEmpty)
    }

    @Test func `a role that another wrote stops it, where the role is needed`() {
        let state = LoggingPlan.RoleState.foreign("trust policy")
        #expect(plan(nil, nil, role: state).refusals(state).count == 1)
        #expect(plan(nil, nil, role: state).roleSteps.isEmpty)
        let adopted = plan(Self.another, Self.theirGroup, .init(adopts: true), role: state)
        #expect(adopted.refusals(state).isEmpty)
    }
}

/// The regions that must be logged, and those that are.
@Suite struct LoggingCoverageTests {
    private static let role = InvocationLogRole(partition: .aws, account: "123456789012", regions: [])

    private func status(_ region: String, bodies: [InvocationLogging.Body] = []) -> RegionLoggingStatus {
        let target = InvocationLogging.LogGroupTarget(name: InvocationLogName.group, roleARN: Self.role.arn)
        let configuration = InvocationLogging(logGroup: target, bodies: bodies)
        let group = LogGroup(name: InvocationLogName.group)
        return .init(RegionLogging(region: region, configuration: configuration, group: group), role: Self.role)
    }

    private func unlogged(_ region: String) -> RegionLoggingStatus {
        .init(RegionLogging(region: region), role: Self.role)
    }

    @Test func `each region that a role allows must be logged`() {
        let coverage = LoggingCoverage([status("a"), unlogged("b"), unlogged("c")], allowed: .named(["a", "b"]))
        #expect(coverage.unlogged == ["b"])
        #expect(coverage.problems.map(\.problem) == ["b: calls aren't logged"])
        let missing = LoggingCoverage([status("a")], allowed: .named(["a", "z"]))
        #expect(missing.unlogged == ["z"])
    }

    @Test func `without roles each region that is named must be logged`() {
        #expect(LoggingCoverage([status("a"), unlogged("b")], allowed: nil).unlogged == ["b"])
    }

    @Test func `prompts and answers are a problem wherever they are logged`() {
        let coverage = LoggingCoverage([status("a"), status("b", bodies: [.text])], allowed: .named(["a"]))
        #expect(coverage.unlogged.isEmpty)
        #expect(coverage.problems.count == 1 && coverage.problems[0].problem.contains("textDataDeliveryEnabled"))
    }

    @Test func `a role that allows any region is a problem of its own`() {
        let coverage = LoggingCoverage([status("a")], allowed: .anywhere)
        #expect(coverage.problems.count == 1 && coverage.problems[0].problem.contains("any region"))
    }
}
