import BursarConsole
import SystemPackage

/// Why the files don't allow an install, and what to do about it.
extension Installation {
    func wouldWin(_ rival: ConflictingEntry) -> UserFacingError {
        switch rival.kind {
        case .keys:
            UserFacingError(
                "the keys under [\(name)] in \(awsCredentials) would win over this profile",
                hint: "delete [\(name)] and the lines under it from that file, or install under another --profile"
            )
        case .helper:
            UserFacingError(
                "an older helper's entry [\(name)] in \(awsCredentials) would win over this one",
                hint:
                    "add --take-over to take it out (creds uninstall puts it back), or install under another --profile"
            )
        case .defaults(let defaults):
            UserFacingError(
                "\(defaults.description) in \(awsCredentials), line \(defaults.line), would win over this profile: "
                    + "that file has a section [\(name)], and [DEFAULT] holds for every section",
                hint: "delete [\(name)] from that file, or write [default] for [DEFAULT] if that is what is meant"
            )
        }
    }

    func warning(of rival: ConflictingRegion) -> UserFacingError {
        UserFacingError(
            "the region \(rival.region) under \(rival.section) in \(awsCredentials), line \(rival.line), "
                + "wins over this profile's",
            hint: "delete that line, or run this again with --region \(rival.region)"
        )
    }

    func problem(_ refusal: ConfigEdit.ConfigEditError) -> UserFacingError {
        switch refusal {
        case .otherContents:
            UserFacingError(
                "\(awsConfig) has a section \(name.configHeader) already, with other contents",
                hint: "add --replace to replace it (a backup is kept), or install under another --profile"
            )
        case .duplicateSection:
            UserFacingError(
                "\(awsConfig) has more than one section \(name.configHeader)",
                hint: "join them by hand: the AWS CLI refuses such a file"
            )
        case .defaultsWin(let defaults):
            UserFacingError(
                "\(defaults.description) in \(awsConfig), line \(defaults.line), would win over this profile: "
                    + "boto3 and the AWS CLI read [DEFAULT] into every profile",
                hint: "write [default] for [DEFAULT] if the default profile is meant, "
                    + "or move those lines to the profiles that need them"
            )
        }
    }
}
