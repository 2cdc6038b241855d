import AWSAuth
import BursarFoundation
import BursarHTTP
import BursarModel
import Synchronization

/// This machine's clock, compared with the `Date` of a server's answer.
final class ServerClock: Sendable {
    /// AWS refuses signatures that are further off than this.
    private static let tolerated: TimeInterval = 300
    private static let noticeable: TimeInterval = 60

    private let now: @Sendable () -> Date
    /// Seconds that this machine is ahead.
    private let ahead = Mutex<TimeInterval?>(nil)

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
    }

    func read(_ response: HTTPClientResponse) {
        guard let date = response.header("date").flatMap({ HTTPDate.date($0) }) else { return }
        let ahead = now().timeIntervalSince(date)
        self.ahead.withLock { $0 = ahead }
    }

    func finding(_ subject: DoctorContext) -> Finding {
        guard let ahead = ahead.withLock({ $0 }) else { return .skipped(.clock, "the server doesn't tell the time") }
        let span = TimeSpan(seconds: Int(abs(ahead)))
        let message = "this machine's clock is \(span) \(ahead > 0 ? "ahead of" : "behind") the server's"
        let fix = Self.fix(isWSL: subject.context.nonEmpty("WSL_DISTRO_NAME") != nil)
        if abs(ahead) > Self.tolerated {
            return .problem(.clock, "\(message); AWS refuses more than 5m", fix: fix)
        }
        if abs(ahead) > Self.noticeable { return .warning(.clock, message, fix: fix) }
        return .ok(.clock, "agrees with the server's")
    }

    private static func fix(isWSL: Bool) -> String {
        #if canImport(Darwin)
        "sudo sntp -sS time.apple.com"
        #else
        isWSL ? "sudo hwclock --hctosys" : "sudo timedatectl set-ntp true"
        #endif
    }
}
