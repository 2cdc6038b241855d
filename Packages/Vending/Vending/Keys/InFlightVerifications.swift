import Synchronization

/// Verifications under way, so that requests with the same key share one; it ends early when nobody waits any more.
final class InFlightVerifications: Sendable {
    typealias Outcome = Result<KeyVerifier.Proof, VendError>

    private struct Flight {
        let number: UInt64
        let task: Task<Outcome, Never>
        var waiting: Int
    }

    private struct State {
        var flights: [VerifiedKeys.Tag: Flight] = [:]
        var started: UInt64 = 0
    }

    private let state = Mutex(State())

    func join(
        _ tag: VerifiedKeys.Tag,
        _ verify: @escaping @Sendable () async throws(VendError) -> KeyVerifier.Proof
    ) async throws(VendError) -> KeyVerifier.Proof {
        let (number, task) = state.withLock { state in
            if var flight = state.flights[tag] {
                flight.waiting += 1
                state.flights[tag] = flight
                return (flight.number, flight.task)
            }
            state.started += 1
            let number = state.started
            let task = Task<Outcome, Never> {
                let outcome: Outcome
                do throws(VendError) {
                    outcome = .success(try await verify())
                } catch {
                    outcome = .failure(error)
                }
                end(tag, number)
                return outcome
            }
            state.flights[tag] = Flight(number: number, task: task, waiting: 1)
            return (number, task)
        }
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            leave(tag, number)
        }
        return try outcome.get()
    }

    private func end(_ tag: VerifiedKeys.Tag, _ number: UInt64) {
        state.withLock { state in
            if state.flights[tag]?.number == number { state.flights[tag] = nil }
        }
    }

    private func leave(_ tag: VerifiedKeys.Tag, _ number: UInt64) {
        let abandoned = state.withLock { state -> Task<Outcome, Never>? in
            guard var flight = state.flights[tag], flight.number == number else { return nil }
            flight.waiting -= 1
            state.flights[tag] = flight.waiting == 0 ? nil : flight
            return flight.waiting == 0 ? flight.task : nil
        }
        abandoned?.cancel()
    }
}
