import Logging
import ServiceLifecycle
import Storage
import Vending

/// What goes on beside the requests: following the database's revision, and giving up on vends that wait too long.
///
/// It stops after the last request has been answered, since those need it.
struct Housekeeping: Service {
    let watch: DirectoryWatch
    let recorder: Recorder
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await watch.run { logger.error("the database can't be read", metadata: ["cause": "\($0)"]) }
                }
                group.addTask { await expire() }
            }
        }
        let progress = recorder.progress
        logger.info("stopped", metadata: ["vends": "\(progress.vends)", "commits": "\(progress.commits)"])
    }

    private func expire() async {
        while !Task.isCancelled {
            recorder.expire()
            if recorder.progress.failure != nil { recorder.probe() }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}
