package import BursarConsole
package import SystemPackage

/// An error of the settings as a whole, not of a single value: an unknown name, or a file that is not YAML.
package struct SettingsError: Sendable {
    /// The settings that can't be read because of the error.
    enum Reach: Sendable {
        /// Every setting of the file.
        case file
        /// A setting whose form in the file is not accepted.
        case key(Setting)
        /// A setting whose name may be misspelt; nil if no setting has a similar name.
        case misspelt(Setting?)
    }

    package let problem: UserFacingError
    let reach: Reach

    /// An unknown name; `spelling` spells settings as the file or the environment does.
    static func unknown(_ name: String, shown: String, of spelling: (Setting) -> String) -> SettingsError {
        SettingsError(
            problem: UserFacingError("\(shown) is not a setting", hint: Setting.hint(insteadOf: name, of: spelling)),
            reach: .misspelt(Setting.nearest(to: name, of: spelling))
        )
    }
}

/// The settings that can be read, for commands that must work even if others are faulty.
package struct ReadableSettings: Sendable {
    package let reader: SettingReader
    package let file: SettingsFile?
    package let faults: [SettingsError]

    /// Reads settings without any error.
    ///
    /// - Throws: the first fault's ``UserFacingError``.
    package init(sound config: String?, environment: [String: String]) throws(UserFacingError) {
        file = try SettingsFile.find(config, environment: environment)
        reader = try SettingReader(environment: environment, file: file)
        faults = []
    }

    /// Reads settings and collects errors instead of throwing them; settings that can't be read count as unset.
    package init(
        pastFaults config: String?,
        environment: [String: String],
        standard: FilePath = SettingsFile.standardPath
    ) {
        var faults = SettingReader.faults(of: environment)
        do throws(UserFacingError) {
            file = try SettingsFile.read(config, environment: environment, standard: standard)
            faults += file?.faults ?? []
        } catch {
            file = nil
            faults.append(SettingsError(problem: error, reach: .file))
        }
        self.faults = faults
        reader = SettingReader(pastFaultsOf: environment, file: file)
    }

    /// Returns the error because of which `setting` may wrongly appear as unset; nil if there is none.
    package func fault(hiding setting: Setting) -> SettingsError? {
        guard reader.variable(setting) == nil else { return nil }
        return faults.first { fault in
            switch fault.reach {
            case .file: true
            case .key(let key): key == setting
            case .misspelt(let meant): meant == setting && reader.text(setting) == nil
            }
        }
    }
}
