package import BursarConsole
package import SystemPackage

/// A fault of the settings as a whole, in contrast to a value that can't be read: a name that is no setting, a file that
/// is no YAML.
package struct SettingsError: Sendable {
    /// What the fault may keep from being read.
    enum Reach: Sendable {
        /// Every setting of the file.
        case file
        /// A setting that stands in the file in a form that isn't taken.
        case key(Setting)
        /// A setting whose name may be misspelt; nil where no setting has such a name.
        case misspelt(Setting?)
    }

    package let problem: UserFacingError
    let reach: Reach

    /// A name that is no setting; `spelling` is how the place that it stands in spells settings.
    static func unknown(_ name: String, shown: String, of spelling: (Setting) -> String) -> SettingsError {
        SettingsError(
            problem: UserFacingError("\(shown) is not a setting", hint: Setting.hint(insteadOf: name, of: spelling)),
            reach: .misspelt(Setting.nearest(to: name, of: spelling))
        )
    }
}

/// Settings as far as they can be read, for commands that must not wait until the rest is mended.
package struct ReadableSettings: Sendable {
    package let reader: SettingReader
    package let file: SettingsFile?
    package let faults: [SettingsError]

    /// Settings without a fault.
    ///
    /// - Throws: the first fault's ``UserFacingError``.
    package init(sound config: String?, environment: [String: String]) throws(UserFacingError) {
        file = try SettingsFile.find(config, environment: environment)
        reader = try SettingReader(environment: environment, file: file)
        faults = []
    }

    /// The same, but that faults are kept instead of thrown; what they hide counts as unset.
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

    /// The fault that may hide `setting`, so that it can't be taken as unset; nil when there is none.
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
