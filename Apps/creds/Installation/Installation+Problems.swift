import Console
import SystemPackage

/// Why the files don't allow an install, and what to do about it.
extension Installation {
    var keysWouldWin: Problem {
        Problem(
            "the keys under [\(name)] in \(awsCredentials) would win over this profile",
            hint: "delete [\(name)] and the lines under it from that file, or install under another --profile"
        )
    }

    var helperWouldWin: Problem {
        Problem(
            "an older helper's entry [\(name)] in \(awsCredentials) would win over this one",
            hint: "add --take-over to take it out (creds uninstall puts it back), or install under another --profile"
        )
    }

    func problem(_ refusal: ConfigEdit.Refusal) -> Problem {
        switch refusal {
        case .otherContents:
            Problem(
                "\(awsConfig) has a section \(name.configHeader) already, with other contents",
                hint: "add --replace to replace it (a backup is kept), or install under another --profile"
            )
        case .duplicateSection:
            Problem(
                "\(awsConfig) has more than one section \(name.configHeader)",
                hint: "join them by hand: the AWS CLI refuses such a file"
            )
        }
    }
}
