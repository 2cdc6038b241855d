import BursarHTTP
import BursarModel
import SystemPackage

/// Whom the doctor looks at: a profile, as far as it can be read, and the machine around it.
struct DoctorContext: Sendable {
    let name: ProfileName
    let stored: Stored
    let context: CredsContext
    /// When every look has to be over.
    let deadline: ContinuousClock.Instant

    /// What became of reading the profile.
    enum Stored: Sendable {
        case profile(StoredProfile)
        case absent
        case unreadable(any Error)
    }

    init(_ name: ProfileName, _ context: CredsContext, deadline: ContinuousClock.Instant) {
        self.name = name
        self.context = context
        self.deadline = deadline
        do {
            stored = try context.profiles().load(name).map { .profile($0) } ?? .absent
        } catch {
            stored = .unreadable(error)
        }
    }

    /// nil when it isn't installed or can't be read.
    var profile: StoredProfile? {
        guard case .profile(let profile) = stored else { return nil }
        return profile
    }

    /// The command that installs the profile anew.
    func install(_ option: String? = nil) -> String {
        var words = ["creds install --url \(profile?.server.description ?? "URL")"]
        if case .command(let command) = profile?.key { words.append("--key-command \(Remedy.word(command))") }
        if let option { words.append(option) }
        return words.joined(separator: " ") + name.option
    }

    /// Another command of ours for this profile.
    func creds(_ words: String) -> String { "creds \(words)\(name.option)" }
}

extension ProfileName {
    /// What names it on a command line: nothing for the one that is meant anyway.
    var option: String { self == .standard ? "" : " --profile \(self)" }
}

/// Parts of the commands that mend what was found.
enum Remedy {
    /// One word of a command line, quoted where a shell needs it.
    static func word(_ text: String) -> String {
        ShellWord.quote(text) ?? ShellQuoting.posix(text)
    }

    /// Opens a file where something has to be changed by hand.
    static func edit(_ path: FilePath, line: Int?) -> String {
        #""${EDITOR:-vi}" "# + (line.map { "+\($0) " } ?? "") + word(path.string)
    }
}
