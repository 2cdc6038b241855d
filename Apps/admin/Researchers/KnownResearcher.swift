import BursarCore
import Console
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// The researcher with this handle, in any case of its letters.
    ///
    /// - Throws: a ``Problem`` with the handles that may have been meant.
    func knownResearcher(_ text: String, at date: Date) throws -> ListedResearcher {
        if let handle = Handle(text), let found = try listedResearcher(handle, at: date) { return found }
        let handles = try researchers().map(\.handle.description)
        let near = NearestName.some(of: handles, near: text, limit: 3)
        let all = "admin researchers list shows them"
        throw Problem(
            "there is no researcher \"\(ControlText.brief(text))\"",
            hint: near.isEmpty ? all : "did you mean \(near.joined(separator: ", or "))? \(all)"
        )
    }

    /// A project's name as it is spelled, when somebody belongs to it.
    func knownProject(_ text: String) throws -> String {
        let projects = Set(try researchers().map(\.project))
        guard !projects.contains(text) else { return text }
        let near = NearestName.some(of: projects.sorted(), near: text, limit: 3)
        throw Problem(
            "there is nobody in a project \"\(ControlText.brief(text))\"",
            hint: near.isEmpty
                ? "admin researchers list shows them" : "did you mean \(near.joined(separator: ", or "))?"
        )
    }
}
