import AWSAuth
package import AWSClients
import BursarConsole
import BursarModel

extension StackDeployment {
    /// The number of polls for drift detection.
    private static let tries = 60

    /// Has CloudFormation compare the resources with the template, and returns those that differ.
    package func drifts(of stack: CloudFormationStack) async throws -> [ResourceDrift] {
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
    package func warnOfDrift(_ stack: CloudFormationStack) async {
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
            let why = describe(error) ?? "\(type(of: error))"
            terminal.warn(UserFacingError("whether something was changed by hand was not looked at: \(why)"))
        }
    }
}

extension ResourceDrift {
    /// The differing properties, such as `/MaxSessionDuration`, or the news that the resource is gone.
    package var summary: String {
        guard status != "DELETED" else { return "it is gone" }
        return differences.isEmpty ? status.lowercased() : differences.map(\.path).joined(separator: ", ")
    }
}
