package import AWSAuth
package import BursarFoundation
package import BursarHTTP
import BursarModel
import Synchronization

/// AWS as a list of recorded responses, given in order; it keeps the requests and never waits.
package final class Recorded: Sendable {
    package struct Answer: Sendable {
        package var status = 200
        package var headers: [(name: String, value: String)] = []
        package var body = ""
        package var fault: TransportError?

        package init(
            status: Int = 200,
            headers: [(name: String, value: String)] = [],
            body: String = "",
            fault: TransportError? = nil
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.fault = fault
        }
    }

    private let answers: Mutex<[Answer]>
    private let seen = Mutex<[HTTPClientRequest]>([])
    private let waits = Mutex<[Duration]>([])

    package init(_ answers: Answer...) {
        self.answers = Mutex(answers)
    }

    package init(_ answers: [Answer]) {
        self.answers = Mutex(answers)
    }

    package init(repeating answer: Answer, count: Int) {
        answers = Mutex(Array(repeating: answer, count: count))
    }

    package var requests: [HTTPClientRequest] { seen.withLock { $0 } }
    package var waited: [Duration] { waits.withLock { $0 } }

    package static let date = Date(timeIntervalSince1970: 1_767_323_045)  // 2026-01-02T03:04:05Z

    package func clientContext(chance: Double = 1, now: @escaping @Sendable () -> Date = { date }) -> AWSClientContext {
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
    package static let example = Self(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        sessionToken: Secret("IQoJb3JpZ2luX2VjEXAMPLETOKEN")
    )
}
