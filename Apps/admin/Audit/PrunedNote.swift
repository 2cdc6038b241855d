import BursarConsole
import BursarFoundation
import BursarModel
import Storage

extension Store {
    /// Tells when records of the time from `since` on are missing because they were pruned.
    func tellPruned(since: Date?, on terminal: Terminal) throws {
        guard let pruned = try pruned(since: since) else { return }
        terminal.note("pruned up to record \(pruned.last); what is left begins at \(Timestamp.string(pruned.left))")
    }
}
