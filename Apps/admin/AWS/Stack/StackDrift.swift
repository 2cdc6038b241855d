import AWSAuth
import AWSClients
import BursarConsole
import BursarModel

extension StackDeployment {
    /// The number of polls for drift detection.
    private static let tries = 60

    /// Has CloudFormation compare the resources with the template, and returns those that differ.
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

    /// Warns of changes made by hand, since an update overwrites some of them and leaves the rest.
    ///
    /// A failed check is only a warning.
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
            // The next call throws the same error.
        } catch {
            let why = AWSErrorMessages.problem(error, profile: nil)?.problem ?? "\(type(of: error))"
            terminal.warn(UserFacingError("whether something was changed by hand was not looked at: \(why)"))
        }
    }
}

extension ResourceDrift {
    /// The differing properties, such as `/MaxSessionDuration`, or the news that the resource is gone.
    var summary: String {
        guard status != "DELETED" else { return "it is gone" }
        return differences.isEmpty ? status.lowercased() : differences.map(\.path).joined(separator: ", ")
    }
}

/// A property that differs from the template.
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

    /// Returns one row for each property, or one for the whole resource.
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
