import Console

/// How far a long command has come: one line on stderr that is written over, when a person looks on.
struct Progress {
    private let total: Int
    private let what: String
    private let isShown: Bool
    private var percent = -1

    init(of total: Int, _ what: String) {
        self.total = total
        self.what = what
        isShown = StandardStream.errors.isTerminal
    }

    mutating func show(_ done: Int) {
        guard isShown, total > 0 else { return }
        let percent = done * 100 / total
        guard percent != self.percent else { return }
        self.percent = percent
        try? StandardStream.errors.write(
            "\r\u{1B}[K\(Grouped.text(done)) of \(Grouped.text(total)) \(what), \(percent) %"
        )
    }

    func clear() {
        guard isShown, percent >= 0 else { return }
        try? StandardStream.errors.write("\r\u{1B}[K")
    }
}
