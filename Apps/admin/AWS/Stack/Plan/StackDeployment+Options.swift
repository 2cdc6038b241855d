import AWSAuth
import BursarConsole
import BursarModel

extension StackDeployment {
    /// The template that is asked for: what isn't said stays as the stack has it.
    ///
    /// Says what stays, and what becomes another thing than it was.
    func template(_ typed: StackOptions, for existing: CloudFormationStack?) async throws -> String {
        guard let existing, existing.status != .review else {
            let choices = try typed.choices(region: account.region) { terminal.warn($0) }
            let template = try StackTemplate(choices).body
            if typed.regions.isEmpty {
                terminal.note("researchers may call AWS in \(account.region); --regions says otherwise")
            }
            for warning in choices.unmetered { terminal.warn(warning) }
            return template
        }
        let deployed = try await deployedOptions(existing)
        let choices = try typed.keeping(deployed).choices(region: account.region) { terminal.warn($0) }
        let template = try StackTemplate(choices).body
        tell(DeployedOptions(choices).entries, instead: deployed.entries, choices)
        if choices.regions == nil, deployed.regions == nil {
            terminal.warn(
                UserFacingError(
                    "researchers may call AWS in any region, as before: a call is in the log of its own region alone",
                    hint: "\(command("apply --regions \(account.region)")) limits where it may be made"
                )
            )
        }
        for warning in choices.unmetered { terminal.warn(warning) }
        return template
    }

    private func deployedOptions(_ stack: CloudFormationStack) async throws -> DeployedOptions {
        let outputs = StackOutputs(stack.outputs)
        var options = try DeployedOptions(parsing: try await cloudFormation.template(ofStack: stack.id))
        if options == nil {
            terminal.warn(
                UserFacingError(
                    "the stack \(name) doesn't say with which options it was made: what isn't given gets its default",
                    hint: "give all of them this time; from then on they are kept"
                )
            )
            options = DeployedOptions()
            options?.externalID = outputs[.externalID]
        }
        var known = options ?? DeployedOptions()
        known.addresses = outputs[.allow]
        return known
    }

    private func tell(
        _ now: [DeployedOptions.Entry],
        instead before: [DeployedOptions.Entry],
        _ choices: StackConfiguration
    ) {
        let pairs = zip(before, now)
        let same = pairs.filter { $0.value == $1.value }.compactMap { entry, _ in
            entry.value.map { "--\(entry.option) \($0)" }
        }
        if !same.isEmpty { terminal.note("as before: \(same.joined(separator: ", "))") }
        for (old, new) in pairs where old.value != new.value {
            let line = "\(new.option): \(old.value ?? old.otherwise) → \(new.value ?? new.otherwise)"
            let opens = new.option == "ip" && choices.allowed?.includesEverybody == true
            if new.value == nil || opens { terminal.warn(UserFacingError(line)) } else { terminal.note(line) }
        }
    }
}
