import BursarConsole
import Testing

/// Findings as people read them.
@Suite struct FindingTests {
    private static let findings = Findings([
        .ok("clock", "no record is from the future"),
        .problem(
            "permissions",
            UserFacingError(
                "others may put files into the folder of the database",
                hint: "chmod 700 /var/lib/a/long/folder"
            )
        ),
    ])

    @Test func `where there is no terminal each is a line`() {
        #expect(
            Self.findings.text(.plain) == """
                ok       clock        no record is from the future
                problem  permissions  others may put files into the folder of the database
                         chmod 700 /var/lib/a/long/folder
                """
        )
    }

    @Test func `on a narrow terminal details go on below themselves, and a command stays whole`() {
        #expect(
            Self.findings.text(.plain, columns: 60) == """
                ok       clock        no record is from the future
                problem  permissions  others may put files into the folder
                                      of the database
                         chmod 700 /var/lib/a/long/folder
                """
        )
    }
}
