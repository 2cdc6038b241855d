import AWSAuth
import BursarConsole
import BursarModel

extension StackDeployment {
    /// How often CloudFormation is asked whether it has looked, and how long between.
    private static let tries = 60

    /// Has CloudFormation look whether the resources are as the template says; those that aren't.
    func drifts(of stack: CloudFormationStack) async throws -> [ResourceDrift] {
        let id = try await cloudFormation.detectDrift(ofStack: stack.id)
        var pause = PollingInterval()
        for _ in 0..<Self.tries {
            let detection = try await cloudFormation.driftDetection(id)
            switch detection.status {
            case .working: try await Task.sleep(for: pause.next())
            case .failed:
                terminal.warn(
                    UserFacingError(
                        "not every resource could be looked at: \(detection.statusReason ?? "AWS doesn't say why")"
                    )
                )
                return try await cloudFormation.drifts(ofStack: stack.id)
            case .done:
                return detection.driftStatus == "IN_SYNC" ? [] : try await cloudFormation.drifts(ofStack: stack.id)
            }
        }
        throw UserFacingError(
            "CloudFormation takes too long to look at the resources of \(name)",
            hint: "try again later"
        )
    }

    /// Says what was changed by hand, since an update overwrites some of it and leaves the rest; a look that fails only
    /// says so.
    func warnOfDrift(_ stack: CloudFormationStack) async {
        do {
            for drift in try await drifts(of: stack) {
                terminal.warn(
                    UserFacingError(
                        "\(drift.logicalID) was changed by hand: \(drift.summary)",
                        hint:
                            "an update overwrites only what it changes itself, the rest stays: \(command("status --drift"))"
                    )
                )
            }
        } catch is CancellationError {
            // What comes next ends with the same.
        } catch {
            let why = AWSErrorMessages.problem(error, profile: nil)?.problem ?? "\(type(of: error))"
            terminal.warn(UserFacingError("whether something was changed by hand was not looked at: \(why)"))
        }
    }
}

extension ResourceDrift {
    /// What differs: `/MaxSessionDuration`, or that it is gone.
    var summary: String {
        guard status != "DELETED" else { return "it is gone" }
        return differences.isEmpty ? status.lowercased() : differences.map(\.path).joined(separator: ", ")
    }
}

/// One property that isn't as the template says.
struct DriftRow: TableRow {
    static let columns: [Table.Column] = [
        .init("resource"), .init("property"), .init("change"), .init("template", isElastic: true),
        .init("now", isElastic: true),
    ]

    let resource: String
    let id: String?
    let property: String?
    let change: String
    let template: String?
    let now: String?

    /// One row for each property, or one for the whole resource.
    static func rows(_ drift: ResourceDrift) -> [Self] {
        guard drift.status != "DELETED", !drift.differences.isEmpty else {
            return [Self(drift, nil, drift.status == "DELETED" ? "deleted" : drift.status.lowercased())]
        }
        return drift.differences.map { difference in
            switch difference.kind {
            case .added: Self(drift, difference, "added")
            case .removed: Self(drift, difference, "removed")
            case .changed: Self(drift, difference, "changed")
            }
        }
    }

    private init(_ drift: ResourceDrift, _ difference: ResourceDrift.Difference?, _ change: String) {
        resource = drift.logicalID
        id = drift.physicalID
        property = difference?.path
        self.change = change
        template = difference?.expected
        now = difference?.actual
    }

    var cells: [String] { [resource, property ?? "", change, template ?? "", now ?? ""] }
}
