import BursarModel
import Testing

@testable import Provisioning

/// Requests as people phrase them, each with the reading that its author would expect.
@Suite struct ProvisionPhraseTests {
    typealias Row = (words: String, unit: String?, seconds: Int)
    private static let longest = 43_200

    @Test(
        arguments: [
            ("access for the Customer Service team", "customer-service-team", longest),
            ("access for the customer service team", "customer-service-team", longest),
            ("Systems Biology group access", "systems-biology-group", longest),
            ("key for Production Design", "production-design", longest),
            ("Production Design needs Bedrock for Production Design", "production-design", longest),
            ("the Production Design team needs Claude for 2 hours", "production-design-team", 7200),
            ("Bedrock access for Systems Engineering", "systems-engineering", longest),
            ("access for customer service", "customer-service", longest),
            ("key for Shared Services", "shared-services", longest),
            ("access for the Department of Information Systems", "department-of-information-systems", longest),
            ("access for the Faculty of Systems Engineering, 4 hours", "faculty-of-systems-engineering", 14_400),
            ("key for our automation lab", "automation-lab", longest),
            ("the server team wants to try out Claude", "server-team", longest),
            ("access for the IT services department", "it-services-department", longest),
            ("quick test for the CI team", "ci-team", longest),
            ("quick test for the production team", "production-team", longest),
            ("the Health Services group would like to evaluate Claude", "health-services-group", longest),
            ("dev key for the Systems Biology lab", "systems-biology-lab", longest),
            ("access for systems neuroscience", "systems-neuroscience", longest),
            ("access for the Service Desk", "service-desk", longest),
            ("key for the development and production team", "development-and-production-team", longest),
            ("access for Team Production", "team-production", longest),
            ("access for the human services office until the meeting", "human-services-office", longest),
            ("temp key for my demo tomorrow", nil, longest),
            ("temporary access for a Bedrock demo on Friday", nil, longest),
            ("throwaway key for the hackathon team", "hackathon-team", longest),
            ("short-lived key for genomics", "genomics", longest),
            ("one-off key for genomics, one hour", "genomics", 3600),
            ("I need a key for my thesis", nil, longest), ("key for my project", nil, longest),
            ("access for Project Phoenix", "project-phoenix", longest),
            ("key for next monday", nil, longest), ("key for this afternoon", nil, longest),
            ("Bedrock for the 3D team", "3d-team", longest), ("access for 3D printing", "3d-printing", longest),
            ("access for the 3D Vision lab for 3 hours", "3d-vision-lab", 10_800),
            ("access for the 2D materials group", "2d-materials-group", longest),
            ("a key that works for eight hours", nil, 28_800), ("works for eight hours", nil, 28_800),
            ("genomics access for two hours", "genomics", 7200), ("an eight-hour key for genomics", "genomics", 28_800),
            ("forty-five minutes for genomics", "genomics", 2700), ("ninety minutes for genomics", "genomics", 5400),
            ("one hour and thirty minutes for genomics", "genomics", 5400),
            ("Can I get Claude for an afternoon?", nil, longest), ("not permanent, for genomics", "genomics", longest),
            ("a non-permanent key for genomics", "genomics", longest),
            ("key for genomics that should not expire before friday", "genomics", longest),
            ("Hi, could you give the Web Team access to Bedrock?", "web-team", longest),
            ("our second language group needs a key", "second-language-group", longest),
        ] as [Row]
    )
    func `a short-term request is read whole, and nothing is asked`(_ row: Row) {
        let request = ProvisionRequest(reading: row.words)
        #expect(request.kind == .shortTerm && request.businessUnit == row.unit, "\(request)")
        #expect(request.lifetime?.seconds == row.seconds && request.question == nil, "\(request)")
    }

    @Test(arguments: [
        ("permanent key for the Web Team", "web-team"), ("we need a permanent key for genomics", "genomics"),
        ("CI key for the Web Team", "web-team"), ("CI key for genomics", "genomics"),
        ("a key for the CI of the Web Team", "web-team"), ("prod key for sales", "sales"),
        ("prod access for the Data Platform team", "data-platform-team"),
        ("automated nightly job for genomics", "genomics"),
        ("genomics access for an automated nightly job", "genomics"),
        ("a nightly job of the Web Team needs a key", "web-team"), ("cron job for payments", "payments"),
        ("unattended access for radiology", "radiology"), ("key that never expires for payments", "payments"),
        ("key without expiry for payments", "payments"), ("a key that doesn't expire, for payments", "payments"),
        ("long-lived key for payments", "payments"), ("jenkins key for the Web Team", "web-team"),
        ("The Production Design team needs a production key", "production-design-team"),
        ("production key for the Customer Service team", "customer-service-team"),
        ("The dev team needs a prod key", "dev-team"), ("The CI team needs a CI key", "ci-team"),
        ("system key for the Systems Biology group", "systems-biology-group"),
        ("Production Key For Payments", "payments"),
        ("production key for the Test Engineering team", "test-engineering-team"),
        ("server key for the 3D team", "3d-team"), ("automation for the Web Team", "web-team"),
    ])
    func `a long-term request is one, and its owner is asked after`(words: String, unit: String) {
        let request = ProvisionRequest(reading: words)
        #expect(request.kind == .longTerm && request.businessUnit == unit, "\(request)")
        #expect(request.question == ProvisionRequest.ownerQuestion, "\(request)")
        #expect(ProvisionRequest(reading: words + ", ada@example.edu").question == nil)
    }

    @Test(arguments: [
        "temporary production key for genomics", "prod demo for genomics", "CI tests for genomics",
        "a temp key for our nightly job", "permanent key for a quick test of genomics",
    ])
    func `words of both kinds are asked after`(words: String) {
        let request = ProvisionRequest(reading: words)
        #expect(request.kind == .shortTerm && request.question?.hasPrefix("Is it for a system") == true, "\(request)")
    }
}
