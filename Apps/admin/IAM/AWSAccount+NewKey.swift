import AWSAuth
import BursarConsole
import Storage

extension AWSAccount {
    /// Says why a key that ends by itself is better; each time one that doesn't is made.
    func warnOfLongTerm() {
        terminal.warn(
            UserFacingError(
                "a long-term key works until somebody deletes it, wherever it gets to; short-term credentials end by themselves",
                hint:
                    "for a person: admin keys issue HANDLE; for a system inside AWS: a role; use this one only where neither goes"
            )
        )
    }

    /// Makes an access key and hands it over; takes it back when that fails, or when somebody stops it.
    ///
    /// A key that works and that nobody holds is the one thing that may not be left behind, so signals wait from here on.
    func makeKey(
        for user: LongTermUser,
        _ delivery: AccessKeyDelivery,
        check: (NewAccessKey, CancellationFlag) async throws -> Void = { _, _ in }
    ) async throws {
        try await Signals.asWish { interruption in
            try await makeKey(for: user, delivery, interruption, check: check)
        }
    }

    private func makeKey(
        for user: LongTermUser,
        _ delivery: AccessKeyDelivery,
        _ interruption: CancellationFlag,
        check: (NewAccessKey, CancellationFlag) async throws -> Void
    ) async throws {
        try changes?.check()
        let key: NewAccessKey
        do {
            key = try await iam.createAccessKey(user: user.name)
            changes?.add("iam:CreateAccessKey \(key.id) of \(user.name)")
        } catch AWSError.refused(let refusal) where refusal.code == "LimitExceeded" {
            throw Self.twoKeys(user)
        } catch let error as AWSError where error.mayHaveBeenDone {
            throw UserFacingError(
                "no answer came that can be read: a key of \(user.name) may have been made that nobody holds",
                hint: "admin iam show \(user.unit), and delete the one that is new"
            )
        }
        do {
            try changes?.check()
            try Self.checkStopped(interruption)
            try await check(key, interruption)
            try Self.checkStopped(interruption)
            try await delivery.deliver(key, of: user, self)
        } catch {
            try await takeBack(key, of: user)
            throw error
        }
        let masked = MaskedKeyID(key.id)
        terminal.note("key \(masked) of \(user.name); its secret is not shown again")
    }

    private static func checkStopped(_ interruption: CancellationFlag) throws(UserFacingError) {
        guard interruption.isRequested else { return }
        throw UserFacingError("stopped before the new key was handed over", hint: "run the same command again")
    }

    /// AWS's limit, and what to do about it.
    static func twoKeys(_ user: LongTermUser) -> UserFacingError {
        UserFacingError(
            "\(user.name) has two access keys, and AWS allows no third",
            hint:
                "admin iam rotate \(user.unit) --finish deletes the older; admin iam delete \(user.unit) --key older, or newer, either"
        )
    }

    private func takeBack(_ key: NewAccessKey, of user: LongTermUser) async throws {
        let masked = MaskedKeyID(key.id)
        do {
            try await delete(key.id, of: user)
        } catch {
            throw UserFacingError(
                "the new key \(masked) of \(user.name) could be neither handed over nor deleted",
                hint: "admin iam delete \(user.unit) --key \(masked)"
            )
        }
        terminal.note("the new key \(masked) was deleted again")
    }

    /// Deletes an access key; the record is written after, since nothing may hold this up.
    func delete(_ key: String, of user: LongTermUser) async throws {
        try await iam.deleteAccessKey(key, user: user.name)
        changes?.add("iam:DeleteAccessKey \(key) of \(user.name)")
    }

    /// Whether AWS takes the key: right after it was made it may not yet be known everywhere.
    func prove(
        _ id: String,
        _ credentials: AWSCredentials,
        waits: [Duration],
        _ interruption: CancellationFlag = CancellationFlag()
    ) async throws {
        let sts = try sts(credentials)
        for wait in waits + [.zero] {
            try Self.checkStopped(interruption)
            do {
                _ = try await sts.callerIdentity()
                return
            } catch AWSError.refused(let refusal) where refusal.isDenied {
                // Known, and its signature is right; GetCallerIdentity is not among what it may.
                return
            } catch AWSError.refused(let refusal) where refusal.code == "InvalidClientTokenId" {
                try await Task.sleep(for: wait)
            }
        }
        throw UserFacingError(
            "AWS does not take the new key \(MaskedKeyID(id))",
            hint: "the old one is untouched; try again later"
        )
    }
}

extension AWSError {
    /// Whether AWS may have done what it was asked to: no answer came, none that can be read, or one that its fault made.
    fileprivate var mayHaveBeenDone: Bool {
        switch self {
        case .transport, .malformedAnswer: true
        case .refused(let refusal): refusal.isTransient
        case .invalidParameter: false
        }
    }
}
