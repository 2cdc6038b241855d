import Files
import SystemPackage

/// Where the database is: an option, else `BURSAR_DATABASE`, else `bursar/bursar.sqlite` in the user's state folder.
package enum DatabaseLocation {
    /// - Throws: ``StoreProblem/noHome`` when nothing says where.
    package static func path(option: String?, environment: [String: String]) throws(StoreProblem) -> String {
        if let option, !option.isEmpty { return option }
        if let path = environment["BURSAR_DATABASE"], !path.isEmpty { return path }
        do {
            let folder = try StandardPaths(environment: environment).state()
            return folder.appending("bursar").appending("bursar.sqlite").string
        } catch {
            throw .noHome
        }
    }
}
