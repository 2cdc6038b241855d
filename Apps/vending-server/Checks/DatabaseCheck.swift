import BursarConsole
import Storage

/// Whether the database is there, sound, writable and nobody else's to read.
enum DatabaseCheck {
    static func findings(_ path: String) -> [Finding] {
        do {
            let store = try Store(opening: path)
            if let flaw = try store.firstFlaw() {
                let hint = "stop the server and restore a backup"
                return [.problem("database", UserFacingError("\(path) is damaged: \(flaw)", hint: hint))]
            }
            try store.checkIsWritable()
            return [.ok("database", "\(path) is sound and can be written")]
        } catch let problem as StoreError {
            return [.problem("database", UserFacingError(problem))]
        } catch {
            return [.problem("database", UserFacingError("\(path) can't be used"))]
        }
    }
}
