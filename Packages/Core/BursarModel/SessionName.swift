/// A session's name in AWS, which each of its calls carries there: `HANDLE+KEYID`.
///
/// It is the one thing by which AWS's log, its bill and a deny on the role tell researchers and their keys apart.
/// Sessions have the handle alone as their name where the server is set so, where the handle leaves no room for a key's
/// id, and where they were made before keys were named. So each key has two names at most, and what matches sessions
/// names them exactly.
package struct SessionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The form of new sessions' names, as the setting `sessionName` spells it.
    package enum Form: String, Sendable, CaseIterable {
        case handleAndKey = "handle+key"
        case handle
    }

    /// The name of the sessions in which a server tries out its role.
    package static let check = "bursar-check"
    /// STS's limit of a session's name, in characters.
    package static let limit = 64
    /// The longest handle that is followed by a key's id.
    package static let longestHandle = limit - 1 - KeyID.length

    package let description: String

    /// The handle alone.
    package init(of handle: Handle) {
        description = handle.description
    }

    /// The handle and the key's id; nil if the handle is too long for that.
    package init?(of handle: Handle, key: KeyID) {
        guard handle.description.utf8.count <= Self.longestHandle else { return nil }
        description = "\(handle)+\(key)"
    }

    /// The name of a key's new session; `hasNamesake` is true if another researcher's handle is that name, so that it would
    /// be mistaken for theirs.
    package init(of handle: Handle, key: KeyID, _ form: Form, hasNamesake: Bool = false) {
        let isNamedByKey = form == .handleAndKey && !hasNamesake
        self = (isNamedByKey ? SessionName(of: handle, key: key) : nil) ?? SessionName(of: handle)
    }

    /// All names that sessions of a key may have: the handle, and the handle with the key's id.
    package static func all(of handle: Handle, key: KeyID) -> [SessionName] {
        [SessionName(of: handle)] + [SessionName(of: handle, key: key)].compactMap(\.self)
    }

    package static func < (one: SessionName, other: SessionName) -> Bool {
        one.description < other.description
    }

    /// Splits `HANDLE+KEYID`, whether there are such a researcher and key or not; nil for any other text.
    package static func parts(of name: some StringProtocol) -> (handle: Handle, key: KeyID)? {
        guard let plus = name.lastIndex(of: "+"), let key = KeyID(name[name.index(after: plus)...]),
            let handle = Handle(String(name[..<plus])), SessionName(of: handle, key: key) != nil
        else { return nil }
        return (handle, key)
    }

    /// Finds the researcher of a session by its name, and the key, if the name has one; nil if it is no researcher's.
    ///
    /// `researcher` returns the researcher with a handle in lower case, and `owner` the researcher of a key, if there is one.
    package static func owner(
        of name: String,
        researcher: (_ folded: String) throws -> Handle?,
        owner: (KeyID) throws -> Handle?
    ) rethrows -> (researcher: Handle, key: KeyID?)? {
        if let typed = Handle(name), let handle = try researcher(typed.folded) { return (handle, nil) }
        guard let (typed, key) = parts(of: name), let handle = try researcher(typed.folded),
            try owner(key)?.folded == handle.folded
        else { return nil }
        return (handle, key)
    }
}
