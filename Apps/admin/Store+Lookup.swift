import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import Vending

extension Store {
    private static let shortest = 4
    private static let candidates = 8

    /// Returns the key whose id begins with `text`.
    ///
    /// - Throws: ``UserFacingError`` when none or several match; it never repeats a whole key.
    func knownKey(_ text: String) throws -> StoredKey {
        let all = "admin keys list shows them"
        if let key = try? ResearcherKey(parsing: text) {
            throw UserFacingError.misuse(
                "that is a whole key, and other users of this machine may have seen it just now",
                hint: "its id is enough: \(key.id)"
            )
        }
        let typed = text.lowercased()
        let prefix = String(typed.hasPrefix("bursar_") ? typed.dropFirst(7) : typed[...])
        guard prefix.utf8.count <= KeyID.length else {
            throw UserFacingError.misuse("that is not a key's id", hint: all)
        }
        guard prefix.utf8.count >= Self.shortest else {
            throw UserFacingError.misuse(
                "\"\(ControlText.brief(text))\" is too short to tell keys apart",
                hint: "name \(Self.shortest) characters at least; \(all)"
            )
        }
        let found = try lists.keyIDs(beginningWith: prefix, limit: Self.candidates + 1)
        guard let first = found.first, let key = try lists.key(first.id) else {
            throw UserFacingError("there is no key \"\(ControlText.brief(text))\"", hint: all)
        }
        guard found.count == 1 else {
            let names = found.prefix(Self.candidates).map { "\($0.id) (\($0.researcher))" }.joined(separator: ", ")
            let more = found.count > Self.candidates ? " and others" : ""
            throw UserFacingError("several keys' ids begin with \(prefix)", hint: "which one? \(names)\(more)")
        }
        return key
    }
}

extension StoredKey {
    /// Refuses keys of an interrupted self-test, whose researcher is in no report.
    func refuseSelftest() throws(UserFacingError) {
        if isSelftest { throw UserFacingError("key \(id) is a self-test's", hint: "admin keys revoke \(id) stops it") }
    }
}

extension Store {
    /// Returns the researcher with this handle, in any case of its letters.
    ///
    /// - Throws: ``UserFacingError`` with the handles that may have been meant.
    func knownResearcher(_ text: String, at date: Date) throws -> StoredResearcher {
        if let handle = Handle(text), let found = try lists.researcher(handle, at: date) { return found }
        let handles = try lists.researchers().map(\.handle.description)
        let near = NearestName.some(of: handles, near: text, limit: 3)
        let all = "admin researchers list shows them"
        throw UserFacingError(
            "there is no researcher \"\(ControlText.brief(text))\"",
            hint: near.isEmpty ? all : "did you mean \(near.joined(separator: ", or "))? \(all)"
        )
    }

    /// Checks that a researcher or a key is of a project, or with `ever` was of it once.
    ///
    /// - Throws: ``UserFacingError`` with the projects that may have been meant.
    func knownProject(_ text: String, ever: Bool = false) throws -> String {
        let projects = try lists.projects(ever: ever)
        guard !projects.contains(text) else { return text }
        let near = NearestName.some(of: projects, near: text, limit: 3)
        throw UserFacingError(
            "there is no researcher and no key in a project \"\(ControlText.brief(text))\"",
            hint: near.isEmpty
                ? "admin researchers list and keys list show them" : "did you mean \(near.joined(separator: ", or "))?"
        )
    }

    /// Draws a key whose sessions' name in AWS is no other researcher's.
    func newKey(of researcher: Handle) throws -> ResearcherKey {
        var random = SystemRandomNumberGenerator()
        var key = ResearcherKey(using: &random)
        while try !lists.isFree(key.id, of: researcher) { key = ResearcherKey(using: &random) }
        return key
    }
}
