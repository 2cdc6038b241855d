import SystemPackage
import TestSupport

/// Python programs that play AWS or that AWSAuth is compared with, started by a test and ended with it.
package enum Peer {
    package static var python: String { Checkout.peer("python") }
    /// True if `Scripts/setup.sh` has made the Python environment.
    package static var isThere: Bool { (try? FilePath(python).stat()) != nil }
}
