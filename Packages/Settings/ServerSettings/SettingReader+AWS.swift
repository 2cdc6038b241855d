package import AWSAuth
package import BursarConsole

extension UserFacingError {
    /// The message for a refused region or partition; `place` is the option or setting that names it.
    package init(_ error: PartitionError, in place: Place? = nil) {
        let named: Place? =
            switch place {
            case .option(let name): .option(name + ":")
            case .elsewhere(let name): .elsewhere(name + ":")
            case nil: nil
            }
        self =
            named.map { .value(of: $0, error.description, hint: error.hint) }
            ?? UserFacingError(error.description, hint: error.hint)
    }
}

/// Roles and regions, which must belong to one AWS partition.
extension SettingReader {
    /// Returns the partition of a region given by a setting or variable.
    package func partition(of region: String) throws(UserFacingError) -> Partition {
        do {
            return try Partition(region: region)
        } catch {
            throw UserFacingError(
                error,
                in: .elsewhere(text(.region) == region ? name(of: .region) : "the server's region")
            )
        }
    }

    /// Reads regions of `partition`, or of any one partition if that is nil; nil if unset.
    package func regions(_ setting: Setting, in partition: Partition?) throws(UserFacingError) -> [String]? {
        guard let entries = try entries(setting) else { return nil }
        var expected = partition
        for entry in entries {
            let own: Partition
            do {
                own = try Partition(region: entry)
            } catch {
                throw UserFacingError(error, in: .elsewhere(name(of: setting)))
            }
            guard own == expected ?? own else {
                throw UserFacingError(
                    "\(name(of: setting)) has \(entry), which is of \(own.rawValue), not of \((expected ?? own).rawValue)",
                    hint: "credentials of one partition mean nothing in another: name regions of one"
                )
            }
            expected = own
        }
        return entries
    }

    /// Checks that `text`, the value of `setting`, is the ARN of a role in `partition`.
    package func role(_ text: String, _ setting: Setting, in partition: Partition) throws(UserFacingError) -> String {
        let name = name(of: setting)
        let arn: ARN?
        do {
            arn = try ARN(text)
        } catch {
            throw UserFacingError(error, in: .elsewhere(name))
        }
        guard let arn, arn.service == "iam", arn.kind == "role", !arn.name.isEmpty else {
            throw UserFacingError(
                "\(name) is \"\(text)\", which is not arn:\(partition.rawValue):iam::ACCOUNT:role/NAME"
            )
        }
        guard arn.partition == partition else {
            throw UserFacingError(
                "\(name) is a role of \(arn.partition.rawValue), and the server's region is of \(partition.rawValue)",
                hint: "a role is assumed in its own partition: set \(Setting.region.environmentName) to a region there"
            )
        }
        return text
    }
}
