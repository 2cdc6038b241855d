import BursarConsole
import ServerSettings

/// What the system lets this process do.
enum ProcessLimits {
    /// Raises the number of open files to what is allowed, and survives a log reader's end; returns the number.
    ///
    /// - Throws: ``UserFacingError`` when it is too small to serve anybody.
    static func prepare() throws(UserFacingError) -> Int {
        StandardStream.outliveReaders()
        let openFiles = OpenFileLimit.raise()
        if let problem = OpenFileLimit.problem(openFiles, least: ServerOpenFiles.least) { throw problem }
        return openFiles
    }
}
