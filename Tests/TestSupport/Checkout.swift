import BursarFoundation

/// Where things are in this checkout.
package enum Checkout {
    /// The folder that holds `Package.swift`.
    package static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

    /// One of Bursar's programs, as it was built beside the tests.
    package static func program(_ name: String) -> String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path(percentEncoded: false) + name
    }

    /// A program that `Scripts/setup.sh` installs in the checkout's virtual environment.
    package static func peer(_ name: String) -> String {
        root + ".venv/bin/" + name
    }
}
