import BursarConsole
import BursarFiles
import INIParser

/// What becomes of an older helper's traces: asked of a person, told by `--take-over`, else left alone.
struct LegacyHelperPrompt {
    /// `--take-over` was given.
    let isAgreed: Bool
    private let isInteractive = StandardStream.input.isTerminal && StandardStream.errors.isTerminal

    init(isAgreed: Bool) {
        self.isAgreed = isAgreed
    }

    /// Asks whether an entry that would win over ours may be taken out.
    ///
    /// - Throws: ``UserFacingError`` when the person says no.
    func agree(_ installation: inout Installation) throws {
        guard isInteractive, !installation.takesOver, try installation.isHelperInTheWay() else { return }
        try Confirmation(isGiven: false).ask(
            "an older helper's entry [\(installation.name)] in \(installation.awsCredentials) would win over this one; "
                + "take it out? (creds uninstall puts it back)"
        )
        installation.takesOver = true
    }

    /// Removes the older helper's cache, which others can read, or says how.
    func clearCache(_ context: CredsContext) throws {
        guard let cache = LegacyHelperCache(home: try context.paths.home()) else { return }
        guard isAgreed || agreesToRemove(cache) else { return context.terminal.warn(cache.warning) }
        try cache.remove()
        context.terminal.note("the older helper's cache is gone: \(cache.path)")
    }

    private func agreesToRemove(_ cache: LegacyHelperCache) -> Bool {
        guard isInteractive else { return false }
        do throws(UserFacingError) {
            try Confirmation(isGiven: false).ask("an older helper left credentials in \(cache.path); remove them?")
            return true
        } catch {
            // The install is done either way.
            return false
        }
    }
}

extension Installation {
    fileprivate func isHelperInTheWay() throws -> Bool {
        let bytes = try AWSFile.bytes(awsCredentials) ?? []
        return ConflictingEntry(over: name, in: INIDocument(bytes))?.kind == .helper
    }
}
