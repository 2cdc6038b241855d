import BursarConsole
import BursarHTTP
import ServerSettings

/// What the researcher runs, exactly.
struct SetupLines {
    /// nil when no setting says it.
    let url: String?
    /// With a placeholder where there is no URL.
    let lines: [String]

    init(_ reader: SettingReader) throws(UserFacingError) {
        url = try KeyRules(reader).publicURL?.description
        let region = reader.text(.region).map { " --region \($0)" } ?? ""
        lines = [
            "creds install --url \(url ?? "https://YOUR-SERVER")\(region)", "export AWS_PROFILE=temp-bedrock",
        ]
    }

    /// Says that the lines aren't whole, where they aren't.
    func warn(on terminal: Terminal) {
        guard url == nil else { return }
        terminal.warn(
            UserFacingError(
                "no setting says the server's public URL, so the set-up lines have a placeholder",
                hint: "set \(Setting.publicURL.environmentName)=https://…"
                    + " (\(Setting.publicURL.rawValue) in the settings file)"
            )
        )
    }

    func note(on terminal: Terminal) {
        warn(on: terminal)
        for (index, line) in lines.enumerated() {
            terminal.note(index == 0 ? "on their machine: \(line)" : "then: \(line)")
        }
        terminal.note("creds install asks for the key, or reads it with --key-file FILE")
    }
}
