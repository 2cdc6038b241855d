import AWSAuth
package import AWSClients
import BursarConsole
import BursarModel

/// Facts about a stack's events, the oldest first.
extension [StackEvent] {
    private static var starts: [String] { ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"] }

    private var lastStart: Int? {
        lastIndex { $0.isOfStack && Self.starts.contains($0.status.rawValue) }
    }

    /// The event before the last operation began; nil when there is none.
    package var beforeLastOperation: StackEvent? {
        lastStart.flatMap { $0 > startIndex ? self[$0 - 1] : nil }
    }

    /// The events of the last operation.
    package var lastOperation: [StackEvent] { lastStart.map { Array(self[$0...]) } ?? self }

    /// The first failure; everything after it follows from it.
    package var firstFailure: StackEvent? {
        let failed = filter { event in
            let reason = event.reason?.lowercased() ?? ""
            // Resources that were stopped only because another one had failed.
            return event.status.isFailed && !reason.contains("cancelled") && !reason.contains("canceled")
        }
        return failed.first { !$0.isOfStack } ?? failed.first
            ?? first { $0.isOfStack && $0.status.isRollback && $0.reason != nil }
    }
}

extension StackEvent {
    /// AWS's reason as one line.
    package var reasonLine: String? {
        reason.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    /// `BedrockRole (AWS::IAM::Role) failed: …`.
    package func failure(ofStack name: String) -> String {
        let resource = isOfStack ? "the stack \(name)" : "\(logicalID) (\(type))"
        return "\(resource) failed: \(reasonLine ?? status.rawValue)"
    }
}

/// The outcome of an operation on a stack.
package struct StackOutcome: Sendable {
    /// nil when the stack is gone.
    package let status: StackStatus?
    /// The first failure; everything after it follows from it.
    package let failure: StackEvent?
}

/// Watches an operation on a stack, and prints each event on standard error.
package struct StackWatch: Sendable {
    private static let longest = Duration.seconds(3600)
    /// Consecutive polls that may fail for a passing reason, such as throttling.
    private static let mostFailures = 20

    package let deployment: StackDeployment
    /// The ARN of the stack.
    package let stack: String
    /// The newest known event.
    private var last: String?
    private var events: [StackEvent] = []
    private var isOver = false

    /// Begins a watch before an operation: only later events count.
    package init(_ deployment: StackDeployment, before stack: String) async throws {
        self.deployment = deployment
        self.stack = stack
        last = try await deployment.cloudFormation.events(ofStack: stack, most: 1).last?.id
    }

    /// Begins a watch during an operation: its earlier events count too.
    package init(_ deployment: StackDeployment, during stack: String) async throws {
        self.deployment = deployment
        self.stack = stack
        do {
            last = try await deployment.cloudFormation.events(ofStack: stack, most: 500).beforeLastOperation?.id
        } catch is CancellationError {
            throw deployment.unwatched("stopped")
        }
    }

    /// Waits until AWS has finished, or rolled back, the operation.
    ///
    /// - Throws: ``UserFacingError`` when the watch ends first: it took too long or was interrupted.
    package mutating func end() async throws -> StackOutcome {
        let start = ContinuousClock.now
        var pause = PollingInterval()
        var failures = 0
        do {
            while ContinuousClock.now - start < Self.longest {
                do {
                    let count = events.count
                    if let outcome = try await poll() { return outcome }
                    if events.count > count { pause.quicken() }
                    failures = 0
                } catch let error as AWSError where error.isRetryable && failures < Self.mostFailures {
                    failures += 1
                    if failures == 1 { deployment.terminal.note("AWS doesn't answer well at the moment; still asking") }
                }
                try await Task.sleep(for: pause.next())
            }
        } catch is CancellationError {
            throw deployment.unwatched("stopped")
        } catch let error as AWSError where error.isRetryable {
            throw deployment.unwatched("AWS doesn't answer well any more")
        } catch {
            deployment.terminal.note(
                "AWS goes on with the stack \(deployment.name) by itself; \(deployment.command("status --watch"))"
            )
            throw error
        }
        throw deployment.unwatched("it takes longer than \(Self.longest.components.seconds / 60) minutes")
    }

    /// Polls once; nil while the operation is in progress.
    private mutating func poll() async throws -> StackOutcome? {
        for event in try await deployment.cloudFormation.events(ofStack: stack, after: last) {
            last = event.id
            events.append(event)
            isOver = event.isOfStack && !event.status.isInProgress && event.status != .review
            report(event)
        }
        guard let now = try await deployment.cloudFormation.stack(stack), now.status != .deleted else {
            return StackOutcome(status: nil, failure: events.firstFailure)
        }
        guard isOver, !now.status.isInProgress else { return nil }
        return StackOutcome(status: now.status, failure: now.status.isSuccess ? nil : events.firstFailure)
    }

    private func report(_ event: StackEvent) {
        let time = event.date.map { String(Timestamp.string($0).dropFirst(11).prefix(8)) + " " } ?? ""
        let reason = event.reasonLine.map { ": \($0)" } ?? ""
        deployment.terminal.note(
            "\(time)\(event.status) \(event.logicalID)\(event.isOfStack ? "" : " (\(event.type))")\(reason)"
        )
    }
}

/// Pauses between polls of AWS: short at first, five seconds in the long run, to avoid throttling.
struct PollingInterval {
    private static let steps: [Duration] = [
        .milliseconds(300), .milliseconds(700), .seconds(1), .seconds(2), .seconds(3),
    ]
    private var count = 0

    mutating func next() -> Duration {
        defer { count += 1 }
        return count < Self.steps.count ? Self.steps[count] : .seconds(5)
    }

    /// Shortens the next pauses after a change, since more may follow soon.
    mutating func quicken() {
        count = min(count, 2)
    }
}
