import AWSAuth
import AWSClients
import BursarConsole
import Storage

extension AWSAccount {
    /// Recommends a key that expires, each time one that doesn't is made.
    func warnOfLongTerm() {
        terminal.warn(
            UserFacingError(
                "a long-term key works until it is deleted, wherever it gets to; short-term credentials end by themselves",
                hint:
                    "for a person: admin keys issue HANDLE; for a system inside AWS: a role; use this one only where neither goes"
            )
        )
    }

    /// Makes an access key and delivers it; deletes it when delivery fails or is interrupted.
    ///
    /// A working key without a holder must not be left behind, so signals are held back from here on.
    func makeKey(
        for user: LongTermUser,
        _ delivery: AccessKeyDelivery,
        check: (NewAccessKey, CancellationFlag) async throws -> Void = { _, _ in }
    ) async throws {
        try await Signals.cancellable { interruption in
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
                "no answer came that can be read: a key of \(user.name) may have been made that has no holder",
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

    /// AWS's limit of two keys, and the remedy.
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

    /// Deletes an access key.
    ///
    /// The record is written afterwards, so that nothing delays the deletion.
    func delete(_ key: String, of user: LongTermUser) async throws {
        try await iam.deleteAccessKey(key, user: user.name)
        changes?.add("iam:DeleteAccessKey \(key) of \(user.name)")
    }

    /// Checks that AWS accepts the key, which may take seconds after its creation.
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
                // The key is known and its signature valid; its policy just doesn't allow GetCallerIdentity.
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
    /// True if AWS may have executed the request: there was no response, an unreadable one, or a server error.
    fileprivate var mayHaveBeenDone: Bool {
        switch self {
        case .transport, .malformedResponse: true
        case .refused(let refusal): refusal.isTransient
        case .invalidParameter: false
        }
    }
}
