/// Everything that `creds doctor` looks at.
struct DoctorRun {
    /// Everything together.
    static let limit = Duration.seconds(15)

    private let subject: DoctorContext
    private let model: String?

    /// `model` is to be asked something; nil asks none.
    init(_ name: ProfileName, model: String?, _ context: CredsContext) {
        subject = DoctorContext(name, context, deadline: .now.advanced(by: Self.limit))
        self.model = model
    }

    /// In the order of ``Finding/Topic``.
    func findings() async -> [Finding] {
        let checks: [any DoctorCheck] = [
            ProfileCheck(), FilesCheck(), DiskCheck(), AWSConfigCheck(), AWSCredentialsCheck(),
            EnvironmentCheck(), RegionCheck(), BearerTokenCheck(), NetworkCheck(), ServerCheck(), SessionCheck(),
            ClientsCheck(),
        ]
        var findings = await withTaskGroup(of: (Int, [Finding]).self) { [subject] group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.findings(subject)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
        // Last, so that a key command that asks a person doesn't ask twice at once.
        if let model { findings += await ModelCheck(model: model).findings(subject) }
        return findings
    }
}
