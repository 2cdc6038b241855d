import BursarConsole
import ServerSettings

/// Whether the server's settings can be read, and what they make less safe.
struct SettingsFindings {
    let findings: [Finding]

    init(_ context: AdminContext) {
        do {
            let weaknesses = try context.settings().weaknesses
            let sound = Finding.ok("settings", "every one is known and has a value that it takes")
            findings =
                [sound]
                + weaknesses.map { .warning("security", "\($0.setting.environmentName): \($0.consequence)") }
        } catch {
            // An operator's own machine needn't have them.
            let isElsewhere = context.reader.text(.roleARN) == nil && context.reader.text(.issuer) == nil
            findings = [
                isElsewhere
                    ? .warning(
                        "settings",
                        "the server's are not here, so they were not looked at",
                        hint: "--config FILE"
                    )
                    : .problem("settings", error)
            ]
        }
    }
}
