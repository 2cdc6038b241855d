import Logging
import ServiceLifecycle
import Storage
import Vending

/// What goes on beside the requests: following the database's revision, and giving up on vends that wait too long.
///
/// It stops after the last request has been answered, since those need it.
struct BackgroundServices: Service {
    let watch: RevisionPoller
    let recorder: Recorder
    let bookkeeping: PeriodicReports
    let metrics: ServerMetrics
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await watch.run(report: logReads)
                }
                group.addTask { await expire() }
                group.addTask { await bookkeeping.run() }
                group.addTask { await bookkeeping.checkpoint() }
                if let heads = bookkeeping.heads {
                    group.addTask { [metrics] in await heads.run { metrics.headWritten($0) } }
                }
            }
        }
        await bookkeeping.finish()
        await bookkeeping.heads?.finish { [metrics] in metrics.headWritten($0) }
        let progress = recorder.progress
        logger.info("stopped", metadata: ["vends": "\(progress.vends)", "commits": "\(progress.commits)"])
    }

    private func expire() async {
        while !Task.isCancelled {
            recorder.expire()
            recorder.probeIfFailing()
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func logReads(_ failure: (any Error)?) {
        if let failure {
            logger.error("the database can't be read: nothing is vended", metadata: ["cause": "\(failure)"])
        } else {
            logger.notice("the database can be read again")
        }
    }
}
