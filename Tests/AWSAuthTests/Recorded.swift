import BursarFoundation
import BursarHTTP
import BursarModel
import Synchronization

@testable import AWSAuth

/// An outside world of recorded answers, given in order; keeps what it was asked, and never waits.
final class Recorded: Sendable {
    struct Answer: Sendable {
        var status = 200
        var headers: [(name: String, value: String)] = []
        var body = ""
        var fault: TransportError?
    }

    private let answers: Mutex<[Answer]>
    private let seen = Mutex<[HTTPClientRequest]>([])
    private let waits = Mutex<[Duration]>([])

    init(_ answers: Answer...) {
        self.answers = Mutex(answers)
    }

    init(_ answers: [Answer]) {
        self.answers = Mutex(answers)
    }

    init(repeating answer: Answer, count: Int) {
        answers = Mutex(Array(repeating: answer, count: count))
    }

    var requests: [HTTPClientRequest] { seen.withLock { $0 } }
    var waited: [Duration] { waits.withLock { $0 } }

    static let date = Date(timeIntervalSince1970: 1_767_323_045)  // 2026-01-02T03:04:05Z

    func clientContext(chance: Double = 1, now: @escaping @Sendable () -> Date = { date }) -> AWSClientContext {
        AWSClientContext(
            send: { request in
                self.seen.withLock { $0.append(request) }
                let answer = self.answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                guard let answer else { throw TransportError.unreachable(detail: "no answer was recorded") }
                if let fault = answer.fault { throw fault }
                return HTTPClientResponse(
                    status: answer.status,
                    headers: answer.headers,
                    body: Data(answer.body.utf8)
                )
            },
            now: now,
            sleep: { duration in self.waits.withLock { $0.append(duration) } },
            chance: { chance }
        )
    }
}

extension AWSCredentials {
    /// AWS's documentation example.
    static let example = Self(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        sessionToken: Secret("IQoJb3JpZ2luX2VjEXAMPLETOKEN")
    )
}
