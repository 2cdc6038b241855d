import BursarConsole
import BursarFoundation
import BursarModel
import Storage
import Vending

extension Store {
    /// The researcher with this handle, in any case of its letters.
    ///
    /// - Throws: a ``UserFacingError`` with the handles that may have been meant.
    func knownResearcher(_ text: String, at date: Date) throws -> ListedResearcher {
        if let handle = Handle(text), let found = try listedResearcher(handle, at: date) { return found }
        let handles = try researchers().map(\.handle.description)
        let near = NearestName.some(of: handles, near: text, limit: 3)
        let all = "admin researchers list shows them"
        throw UserFacingError(
            "there is no researcher \"\(ControlText.brief(text))\"",
            hint: near.isEmpty ? all : "did you mean \(near.joined(separator: ", or "))? \(all)"
        )
    }

    /// A project's name as it is spelled, when somebody belongs to it.
    func knownProject(_ text: String) throws -> String {
        let projects = Set(try researchers().map(\.project))
        guard !projects.contains(text) else { return text }
        let near = NearestName.some(of: projects.sorted(), near: text, limit: 3)
        throw UserFacingError(
            "there is nobody in a project \"\(ControlText.brief(text))\"",
            hint: near.isEmpty
                ? "admin researchers list shows them" : "did you mean \(near.joined(separator: ", or "))?"
        )
    }
}
