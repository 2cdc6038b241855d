import AWSAuth
import BursarConsole

/// Whether clients know where to send requests.
struct RegionCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [Finding] {
        guard let session = try? VendedSession(subject.name, subject.context) else { return [] }
        guard let region = session.region else {
            return [
                .warning(
                    .environment,
                    "no region is set, and clients need one",
                    fix: "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
                )
            ]
        }
        let fix = "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
        let known: AWSRegion
        do {
            known = try AWSRegion.reading(region, subject.context.environment, hint: fix)
        } catch {
            return [.problem(.environment, error.problem, fix: fix)]
        }
        // botocore 1.44 has no AWS_REGION, as read in its configprovider.py.
        var environment = subject.context.environment
        environment["AWS_REGION"] = nil
        let forPython = try? RegionSetting.find(environment: environment, profile: subject.name.description)
        guard forPython == nil else { return [] }
        return [
            .warning(
                .environment,
                "boto3 finds no region: it doesn't read AWS_REGION, and nothing else is set",
                fix: "export AWS_DEFAULT_REGION=\(known)"
            )
        ]
    }
}
