import BursarFoundation
import Storage
import Vending

extension ServerMetrics {
    func read(_ connections: ConnectionTable) {
        registry.read("bursar_connections") { Double(connections.held) }
        registry.read("bursar_connections_limit") { Double(connections.limit) }
    }

    /// Adds what others count or know, to be read when somebody asks.
    func read(
        _ service: VendingService,
        _ pool: HashingPool,
        _ recorder: Recorder,
        _ readiness: Readiness,
        started: Date
    ) {
        registry.read("bursar_vends_total") { Double(recorder.progress.vends) }
        registry.read("bursar_argon2_waiting") { Double(pool.waiting) }
        registry.read("bursar_sessions_total", labels: [("from", "cache")]) { Double(service.sessionFigures.hits) }
        registry.read("bursar_sessions_total", labels: [("from", "issuer")]) { Double(service.sessionFigures.misses) }
        registry.read("bursar_sessions_total", labels: [("from", "stale")]) { Double(service.sessionFigures.stale) }
        registry.read("bursar_ready", labels: [("part", "database")]) { readiness.isDatabaseReadable() ? 1 : 0 }
        registry.read("bursar_ready", labels: [("part", "records")]) { readiness.canRecord() ? 1 : 0 }
        registry.read("bursar_ready", labels: [("part", "vending")]) { readiness.isPaused() ? 0 : 1 }
        registry.read("bursar_ready", labels: [("part", "aws")]) { readiness.isIssuerAway() ? 0 : 1 }
        registry.read("process_start_time_seconds") { started.timeIntervalSince1970 }
        if ProcessMemory.resident != nil {
            registry.read("process_resident_memory_bytes") { ProcessMemory.resident.map(Double.init) ?? 0 }
        }
    }
}
