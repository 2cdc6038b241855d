import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Deployment
import ServerSettings
import SystemPackage

/// The destination of the server's settings that follow from a stack.
struct SettingsOutput: ParsableArguments {
    @Option(help: "The form of the server's settings: env, yaml or json; else as --output ends, or env.")
    var format: SettingsFormat?
    @Option(
        help: ArgumentHelp(
            "Write them here (a new file, mode 0600, or an earlier apply's) instead of printing them.",
            valueName: "file"
        ),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?

    /// The requested format, else the extension's: `bursar.yaml` is for `/etc/bursar/config.yaml`.
    private var form: SettingsFormat {
        if let format { return format }
        return switch output.flatMap({ FilePath($0).extension }) {
        case "yaml", "yml": .yaml
        case "json": .json
        default: .env
        }
    }

    /// Checks the destination before anything is made.
    func check() throws {
        guard let output else { return }
        let path = FilePath(output)
        if let stat = try? path.stat(followTargetSymlink: false), stat.type != .regular {
            throw FileError(path, .notAFile)
        }
        _ = try ExistingSettingsFile.read(path)
        let folder = path.removingLastComponent()
        guard (try? (folder.isEmpty ? "." : folder).stat())?.type == .directory else {
            throw UserFacingError("there is no folder \(folder)", hint: "make it, or name another with --output")
        }
    }

    /// Writes the settings in the requested format; the other outputs become notes.
    func write(_ outputs: StackOutputs, on terminal: Terminal) throws {
        let text = try form.text(outputs)
        if let output {
            try replace(FilePath(output), text + "\n", outputs, terminal)
            terminal.note("the server's settings are in \(output)")
        } else {
            try terminal.print(text)
        }
        guard form != .json || output != nil else { return }
        for name in StackOutput.allCases where name.setting == nil {
            if let value = outputs[name] { terminal.note("\(name.rawValue): \(value)") }
        }
    }

    /// Prints the step that follows an apply.
    func printNextStep(on terminal: Terminal) {
        let next =
            switch form {
            case .yaml:
                "put \(output.map { "the lines of \($0)" } ?? "them") into the server's /etc/bursar/config.yaml, "
                    + "then there: vending-server check"
            case .env:
                "give \(output ?? "them") to the server's container, or a shell (--output bursar.yaml is what a systemd server reads), "
                    + "then there: vending-server check"
            case .json: "admin aws user-data --outputs \(output ?? "FILE") … makes a new instance the server"
            }
        terminal.note("next: \(next)")
    }

    /// Replaces an earlier file, keeping its mode and owner: the server may have been granted access to it.
    private func replace(_ path: FilePath, _ text: String, _ outputs: StackOutputs, _ terminal: Terminal) throws {
        guard let earlier = try ExistingSettingsFile.read(path) else { return try ReportFile.write(text, to: path) }
        try AtomicFile.replace(path, with: Array(text.utf8))
        let gone = earlier.settings.subtracting(outputs.settings.map(\.setting))
        guard !gone.isEmpty else { return }
        let names = gone.map(\.environmentName).sorted().joined(separator: ", ")
        terminal.warn(UserFacingError("\(path) had settings that the stack doesn't give, and no longer has: \(names)"))
    }
}

extension SettingsFormat: ExpressibleByArgument {}
