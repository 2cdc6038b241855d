import BursarConsole
import BursarFiles
import BursarHTTP
import SystemPackage

/// Whether the profile is installed, and its file can be read.
struct ProfileCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        switch subject.stored {
        case .profile(let profile): [.ok(.profile, "\(subject.name), for \(profile.server)")]
        case .absent: [absent(subject)]
        case .unreadable(let error): [unreadable(error, subject)]
        }
    }

    private func absent(_ subject: DoctorContext) -> Finding {
        if subject.context.nonEmpty("XDG_CONFIG_HOME") != nil, isUnderHome(subject) {
            return .problem(
                .profile,
                "\(subject.name) is installed in ~/.config, but XDG_CONFIG_HOME leads elsewhere",
                fix: "unset XDG_CONFIG_HOME"
            )
        }
        let others = InstalledProfiles.names(subject.context).filter { $0 != subject.name.description }
        guard let other = others.first else {
            return .problem(.profile, "\(subject.name) is not installed", fix: subject.install())
        }
        return .problem(
            .profile,
            "\(subject.name) is not installed; there is \(others.prefix(5).joined(separator: ", "))",
            fix: "creds doctor --profile \(other)"
        )
    }

    private func unreadable(_ error: any Error, _ subject: DoctorContext) -> Finding {
        let problem = CredsErrorMessages(profile: subject.name).problem(error)
        let fix =
            switch error {
            case let fault as FileError: FilesCheck.fix(fault)
            case let unreadable as ProfileStore.Unreadable:
                "mv \(Remedy.word(unreadable.path.string)) \(Remedy.word(unreadable.path.string + ".damaged"))"
                    + " && \(subject.install())"
            default: #"eval "export HOME=~$(id -un)""#
            }
        return .problem(.profile, problem.problem, fix: fix)
    }

    private func isUnderHome(_ subject: DoctorContext) -> Bool {
        guard let home = try? subject.context.paths.home() else { return false }
        let file = home.appending(".config/bursar").appending("\(subject.name).json")
        return (try? file.stat()) != nil
    }
}
