import BursarCore
import Console
import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// Tells when records of the time from `since` on are missing because they were pruned.
    func tellPruned(since: Date?, on terminal: Terminal) throws {
        guard let pruned = try pruned(since: since) else { return }
        terminal.note("pruned up to record \(pruned.last); what is left begins at \(Timestamp.string(pruned.left))")
    }
}
