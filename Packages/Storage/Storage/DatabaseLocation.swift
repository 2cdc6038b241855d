import BursarFiles
import BursarFoundation
import SystemPackage

/// The location of the database: an option, else `BURSAR_DATABASE`, else `bursar/bursar.sqlite` in the user's state
/// folder.
package enum DatabaseLocation {
    /// Resolves the location; `~/` that the shell has not expanded is the home folder.
    ///
    /// - Throws: ``StoreError/noHome`` if there is no home folder for the default, ``StoreError/path(_:)``.
    package static func path(option: String?, environment: [String: String]) throws(StoreError) -> String {
        let paths = StandardPaths(environment: environment)
        if let path = [option, environment["BURSAR_DATABASE"]].lazy.compactMap({ $0 }).first(where: { !$0.isEmpty }) {
            do {
                return try paths.path(path).string
            } catch {
                throw .path(error)
            }
        }
        do {
            return try paths.state().appending("bursar").appending("bursar.sqlite").string
        } catch {
            throw .noHome
        }
    }
}
