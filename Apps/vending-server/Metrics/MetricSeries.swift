import CoreMetrics
import Synchronization

/// The value of one label set.
protocol MetricSeries: AnyObject, Sendable {
    /// `labels` is the text between the braces.
    func write(name: String, labels: String, to text: inout String)
}

extension MetricSeries {
    fileprivate func line(_ name: String, _ labels: String, _ value: Double) -> String {
        let whole = Int64(exactly: value).map(String.init)
        return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(whole ?? "\(value)")\n"
    }
}

/// A value that only rises.
final class CounterSeries: MetricSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout String) {
        text += line(name, labels, Double(count.load(ordering: .relaxed)))
    }
}

/// A value that rises and falls.
final class GaugeSeries: MetricSeries, MeterHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func write(name: String, labels: String, to text: inout String) {
        text += line(name, labels, value.withLock { $0 })
    }
}

/// A value that is read from its source on each request for metrics.
final class ObservedGauge: MetricSeries {
    private let value: @Sendable () -> Double

    init(value: @escaping @Sendable () -> Double) {
        self.value = value
    }

    func write(name: String, labels: String, to text: inout String) {
        text += line(name, labels, value())
    }
}

/// A cumulative histogram; times are in seconds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct Values {
        var counts: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let values: Mutex<Values>

    init(bounds: [Double]) {
        self.bounds = bounds
        values = Mutex(Values(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        values.withLock { values in
            if let bucket { values.counts[bucket] += 1 }
            values.count += 1
            values.sum += value
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        let values = values.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var below = 0
        for (bound, count) in zip(bounds, values.counts) {
            below += count
            text += line("\(name)_bucket", "\(prefix)le=\"\(bound)\"", Double(below))
        }
        text += line("\(name)_bucket", "\(prefix)le=\"+Inf\"", Double(values.count))
        text += line("\(name)_sum", labels, values.sum)
        text += line("\(name)_count", labels, Double(values.count))
    }
}
