import Synchronization

extension BodyQueue {
    /// Has a task bring the bytes of `body`, until its end or ``close()``.
    func fill(from body: HTTPClientRequestBody) {
        let task = Task {
            do {
                try await body.pour(self)
            } catch {
                fail(error)
            }
        }
        let isClosed = state.withLock { state in
            if !state.isClosed { state.task = task }
            return state.isClosed
        }
        if isClosed { task.cancel() }
    }

    /// Adds bytes, waiting for room.
    func add(_ piece: [UInt8]) async throws {
        var rest = piece[...]
        while !rest.isEmpty {
            let (count, isAwaited) = try state.withLock { state in
                try state.admit(rest, of: length)
            }
            if isAwaited { wake() }
            rest = rest.dropFirst(count)
            if !rest.isEmpty { try await room() }
        }
    }

    /// Tells that the last byte has come.
    func finish() throws {
        let isAwaited = try state.withLock { state in
            guard length == nil || state.total == length else {
                throw TransportError.invalidRequest(detail: "the body is shorter than its length")
            }
            state.isFinished = true
            return state.isDry
        }
        if isAwaited { wake() }
    }

    private func room() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Void, any Error>? in
                if state.isClosed { return .failure(CancellationError()) }
                if state.waiting < Self.capacity { return .success(()) }
                state.producer = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    private func fail(_ error: any Error) {
        state.withLock { state in
            if !state.isClosed { state.failure = error }
        }
        wake()
    }
}

extension BodyQueue.State {
    /// Takes as much of `piece` as there is room for, and says how much, and whether the thread waits for it.
    fileprivate mutating func admit(_ piece: ArraySlice<UInt8>, of length: Int?) throws -> (Int, Bool) {
        if isClosed { throw CancellationError() }
        if let length, piece.count > length - total {
            throw TransportError.invalidRequest(detail: "the body is longer than its length")
        }
        let count = min(piece.count, BodyQueue.capacity - waiting)
        if gone == bytes.count || gone >= BodyQueue.capacity / 2 {
            bytes.removeFirst(gone)
            gone = 0
        }
        bytes.append(contentsOf: piece.prefix(count))
        total += count
        defer { isDry = false }
        return (count, isDry && count > 0)
    }
}
