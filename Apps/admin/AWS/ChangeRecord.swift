import AWSOperations
import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Storage
import Synchronization
import SystemPackage

/// The audit record of a command's changes in AWS, each in CloudTrail's terms:
/// `iam:DeleteAccessKey AKIA… of payments-bedrock-user, account 123456789012`.
///
/// A change is recorded once AWS has made it: a locked or unreachable database must not delay the deletion of a leaked
/// key. A change that could not be recorded is reported at the end, and the command fails; a new key is not delivered
/// then. Where there is no database at all, as on a laptop from which a stack is made, one note says so.
final class ChangeRecord: AWSChangeLog {
    private struct State {
        var store: Store?
        var account: String?
        /// The reason why a change is not recorded.
        var lost: UserFacingError?
        var isMissingTold = false
    }

    private let context: Result<AdminContext, any Error>
    private let terminal: Terminal
    private let state = Mutex(State())

    init(_ context: AdminContext) {
        self.context = .success(context)
        terminal = context.terminal
    }

    /// A missing context is an error only when there is a change to record.
    init(_ options: SharedOptions, terminal: Terminal, environment: [String: String]) {
        self.terminal = terminal
        context = Result { try AdminContext(options, terminal: terminal, environment: environment, now: Date()) }
    }

    func isIn(account: String) {
        state.withLock { $0.account = account }
    }

    func add(_ change: String, researcher: Handle?) {
        state.withLock { state in
            do {
                guard let (context, store) = try opened(&state) else { return }
                let place = state.account.map { ", account \($0)" } ?? ""
                try store.administration.recordAWSChange(
                    change + place,
                    researcher: researcher?.description,
                    by: context.act
                )
            } catch {
                state.lost = state.lost ?? Self.problem(error)
                terminal.warn(UserFacingError("not on record: \(change)"))
            }
        }
    }

    func check() throws(UserFacingError) {
        let failure = state.withLock { state -> UserFacingError? in
            do {
                _ = try opened(&state)
                return state.lost
            } catch {
                return Self.problem(error)
            }
        }
        guard let failure else { return }
        throw UserFacingError("changes in AWS can't be put on record: \(failure.problem)", hint: failure.hint)
    }

    /// Ends the record; an unrecorded change is a failure.
    ///
    /// - Throws: ``UserFacingError``.
    func finish() throws(UserFacingError) {
        guard let lost = state.withLock({ $0.lost }) else { return }
        throw UserFacingError("done in AWS, and not on record here: \(lost.problem)", hint: lost.hint)
    }

    private static func problem(_ error: any Error) -> UserFacingError {
        SharedOptions.problem(error) ?? UserFacingError("something failed that should not: \(type(of: error))")
    }

    /// Opens the database; nil where there is none, which is no failure.
    private func opened(_ state: inout State) throws -> (AdminContext, Store)? {
        let context = try context.get()
        if let store = state.store { return (context, store) }
        if let path = context.database.file, isMissing(path) {
            if !state.isMissingTold {
                terminal.note(
                    "no database at \(context.databasePath), so the changes in AWS are on record in CloudTrail alone"
                )
            }
            state.isMissingTold = true
            return nil
        }
        let store = try context.store()
        state.store = store
        return (context, store)
    }

    /// True if the file doesn't exist; an unreadable folder is another matter.
    private func isMissing(_ path: String) -> Bool {
        do {
            _ = try FilePath(path).stat(followTargetSymlink: false)
            return false
        } catch {
            return error == Errno.noSuchFileOrDirectory
        }
    }
}
