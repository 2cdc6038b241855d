import ArgumentParser

/// How an answer that is no list is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}
