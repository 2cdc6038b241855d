import CoreMetrics
import Synchronization

/// The metrics, and their text in Prometheus' exposition format 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
///
/// Only metrics defined at the start are kept, and of each at most ``seriesLimit`` label sets; all others are
/// discarded.
final class PrometheusRegistry: MetricsFactory {
    enum Kind: String {
        case counter, gauge, histogram
    }

    struct Definition: Sendable {
        let name: String
        let kind: Kind
        let help: String
        /// Upper bounds of a histogram's buckets, rising.
        var bounds: [Double] = []
    }

    static let seriesLimit = 500

    private struct Family {
        let definition: Definition
        var series: [String: any MetricSeries] = [:]
    }

    private let order: [String]
    private let families: Mutex<[String: Family]>

    init(_ definitions: [Definition]) {
        order = definitions.map(\.name)
        families = Mutex(Dictionary(uniqueKeysWithValues: definitions.map { ($0.name, Family(definition: $0)) }))
    }

    /// Adds a value that is read on each request for metrics.
    func read(_ name: String, labels: [(String, String)] = [], _ value: @escaping @Sendable () -> Double) {
        _ = series(name, labels) { _ in ObservedGauge(value: value) }
    }

    /// The text of every family that has a value.
    var text: String {
        let families = families.withLock { $0 }
        var text = ""
        for name in order {
            guard let family = families[name], !family.series.isEmpty else { continue }
            text += "# HELP \(name) \(Self.escaped(family.definition.help, quotes: false))\n"
            text += "# TYPE \(name) \(family.definition.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        return text
    }

    // MARK: The factory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { _ in CounterSeries() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { _ in GaugeSeries() }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions) { HistogramSeries(bounds: $0) }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) { HistogramSeries(bounds: $0) }
    }

    // A series is never removed.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private func series<Made: MetricSeries>(
        _ name: String,
        _ labels: [(String, String)],
        make: (_ bounds: [Double]) -> Made
    ) -> Made {
        let key = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
        return families.withLock { families in
            let new = make(families[name]?.definition.bounds ?? [])
            guard var family = families[name] else { return new }
            if let known = family.series[key] { return known as? Made ?? new }
            guard family.series.count < Self.seriesLimit else { return new }
            family.series[key] = new
            families[name] = family
            return new
        }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        let text = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? text.replacing("\"", with: "\\\"") : text
    }
}
