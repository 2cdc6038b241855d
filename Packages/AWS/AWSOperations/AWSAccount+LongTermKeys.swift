package import AWSAuth
package import AWSClients
package import BursarConsole

extension AWSAccount {
    /// Recommends a key that expires, each time one that doesn't is made.
    package func warnOfLongTerm() {
        terminal.warn(
            UserFacingError(
                "a long-term key works until it is deleted, wherever it gets to; short-term credentials end by themselves",
                hint:
                    "for a person: admin keys issue HANDLE; for a system inside AWS: a role; use this one only where neither goes"
            )
        )
    }

    /// Makes an access key, checks and delivers it; deletes it when that fails, or `isStopped` is true by then.
    ///
    /// A working key without a holder must not be left behind, so the caller holds signals back meanwhile.
    package func makeKey(
        for user: LongTermUser,
        isStopped: () -> Bool,
        check: (NewAccessKey) async throws -> Void,
        deliver: (NewAccessKey) async throws -> Void
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
            try Self.checkStopped(isStopped)
            try await check(key)
            try Self.checkStopped(isStopped)
            try await deliver(key)
        } catch {
            try await takeBack(key, of: user)
            throw error
        }
        let masked = MaskedKeyID(key.id)
        terminal.note("key \(masked) of \(user.name); its secret is not shown again")
    }

    private static func checkStopped(_ isStopped: () -> Bool) throws(UserFacingError) {
        guard isStopped() else { return }
        throw UserFacingError("stopped before the new key was handed over", hint: "run the same command again")
    }

    /// AWS's limit of two keys, and the remedy.
    package static func twoKeys(_ user: LongTermUser) -> UserFacingError {
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
    package func delete(_ key: String, of user: LongTermUser) async throws {
        try await iam.deleteAccessKey(key, user: user.name)
        changes?.add("iam:DeleteAccessKey \(key) of \(user.name)")
    }

    /// Checks that AWS accepts the key, which may take seconds after its creation.
    package func prove(
        _ id: String,
        _ credentials: AWSCredentials,
        waits: [Duration],
        isStopped: () -> Bool = { false }
    ) async throws {
        let sts = try sts(credentials)
        for wait in waits + [.zero] {
            try Self.checkStopped(isStopped)
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
