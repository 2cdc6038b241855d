import AWSAuth
import AWSClients
import BursarModel
import Testing

@testable import Provisioning

/// The meaning of words; the phrases follow the rules as they were agreed on, not the code.
@Suite struct ProvisionReadingTests {
    struct Phrase: Sendable, CustomStringConvertible {
        let words: String
        var kind = ProvisionRequest.Kind.shortTerm
        var seconds: Int? = 43_200
        var unit: String?
        var owner: String?
        var region: String? = "us-east-1"

        init(
            _ words: String,
            _ kind: ProvisionRequest.Kind = .shortTerm,
            seconds: Int? = 43_200,
            unit: String? = nil,
            owner: String? = nil,
            region: String? = "us-east-1"
        ) {
            self.words = words
            self.kind = kind
            self.seconds = kind == .longTerm ? nil : seconds
            self.unit = unit
            self.owner = owner
            self.region = region
        }

        var description: String { words }
    }

    @Test(arguments: [
        Phrase("production key for payments", .longTerm, unit: "payments"),
        Phrase("CI/CD key for platform", .longTerm, unit: "platform"),
        Phrase("a key for the billing automation", .longTerm, unit: "billing"),
        Phrase("We need a system key, for radiology", .longTerm, unit: "radiology"),
        Phrase("server access for genomics", .longTerm, unit: "genomics"),
        Phrase("a service for finance needs Bedrock", .longTerm, unit: "finance"),
        Phrase("PRODUCTION ACCESS FOR MARKETING", .longTerm, unit: "marketing"),
        Phrase("no rush: production key for payments", .longTerm, unit: "payments"),
        Phrase("production key for payments, not later than friday", .longTerm, unit: "payments"),
        Phrase("Could we have a production key for payments?", .longTerm, unit: "payments"),
        Phrase("production access to Bedrock for our payments CI/CD pipeline", .longTerm, unit: "payments"),
        Phrase("ada@example.edu's key for genomics", unit: "genomics", owner: "ada@example.edu"),
        Phrase("this is not meant for production or a server, genomics access", unit: "genomics"),
        Phrase("reports every day for genomics", unit: "genomics"),
        Phrase("development access for genomics", unit: "genomics"),
        Phrase("quick test for marketing", unit: "marketing"),
        Phrase("I want to try out Claude"),
        Phrase("I want to try the models out"),
        Phrase("Bedrock access for marketing", unit: "marketing"),
        Phrase("marketing access", unit: "marketing"),
        Phrase("please give me data science access", unit: "data-science"),
        Phrase("access for the Turing lab", unit: "turing-lab"),
        Phrase("key for ada@example.edu", owner: "ada@example.edu"),
        Phrase("serverless productivity services@example.edu", owner: "services@example.edu"),
        Phrase("not for production, access for genomics", unit: "genomics"),
        Phrase("not a test: production key for payments", .longTerm, unit: "payments"),
        Phrase("non-production access for genomics", unit: "genomics"),
        Phrase("development rather than production, for genomics", unit: "genomics"),
        Phrase("this isn\u{2019}t for production", unit: nil),
        Phrase("development key for production-support", unit: "production-support"),
    ])
    func `the kind is read from the words that say it, and is short-term without them`(phrase: Phrase) {
        expect(phrase)
    }

    @Test(arguments: [
        Phrase("key for 2 hours", seconds: 7200),
        Phrase("key for 90 minutes", seconds: 5400),
        Phrase("a 4-hour key for genomics", seconds: 14_400, unit: "genomics"),
        Phrase("1 hour 30 minutes for genomics", seconds: 5400, unit: "genomics"),
        Phrase("1 hour and 30 minutes", seconds: 5400),
        Phrase("1h30m for genomics", seconds: 5400, unit: "genomics"),
        Phrase("1.5 HOURS", seconds: 5400),
        Phrase("no more than 15 minutes", seconds: 900),
        Phrase("12 hours of access for genomics", seconds: 43_200, unit: "genomics"),
        Phrase("key for 3 researchers of physics for 2 hours", seconds: 7200, unit: "researchers"),
    ])
    func `the lifetime is read from hours and minutes`(phrase: Phrase) {
        expect(phrase)
    }

    @Test(arguments: [
        Phrase("access in us-west-2", region: "us-west-2"),
        Phrase("access, region: eu-central-1", region: "eu-central-1"),
        Phrase("access, region:eu-central-1.", region: "eu-central-1"),
        Phrase("ACCESS IN EU-WEST-1 FOR PHYSICS", unit: "physics", region: "eu-west-1"),
        Phrase(
            "key for genomics in us-gov-west-1 for 2 hours",
            seconds: 7200,
            unit: "genomics",
            region: "us-gov-west-1"
        ),
        Phrase("genomics access (us-west-2), in us-west-2", unit: "genomics", region: "us-west-2"),
        Phrase("genomics access in phase-2, us-west-2", unit: "genomics", region: "us-west-2"),
        Phrase("genomics access in ec2", unit: "genomics"),
        Phrase(
            "Quick test for genomics, 2 hours, owner <Ada.Lovelace@example.edu>, in eu-west-3!",
            seconds: 7200,
            unit: "genomics",
            owner: "Ada.Lovelace@example.edu",
            region: "eu-west-3"
        ),
        Phrase("ada@example.edu and ADA@example.edu", owner: "ada@example.edu"),
        Phrase("Zugang: access f\u{FC}r Z\u{FC}rich; for z\u{FC}rich", unit: "z\u{FC}rich"),
    ])
    func `region, owner and business unit are read wherever they stand`(phrase: Phrase) {
        expect(phrase)
    }

    @Test(arguments: Partition.allRegions.sorted())
    func `each region of each partition is read wherever it stands`(region: String) {
        for words in ["access in \(region)", "region: \(region)", "\(region) please", "in \(region.uppercased())"] {
            #expect(ProvisionRequest(reading: words).region == region, "\(words)")
        }
    }

    @Test(arguments: ["us-iso-east-1", "eu-isoe-west-1", "eusc-fr-east-1", "us-gov-1"])
    func `a region of no partition that is supported is asked after`(region: String) {
        for words in ["access in \(region)", "region: \(region)"] {
            #expect(ProvisionRequest(reading: words).region == nil, "\(words)")
        }
    }

    /// People name teams as they speak: with articles, possessives, quotation marks, signs, and in any place.
    @Test(
        arguments: [
            ("access for the Marketing Team", "marketing-team"),
            ("key for our data science group", "data-science-group"),
            ("access for the Physics dept.", "physics-dept"),
            ("access for the Physics dept. in us-west-2", "physics-dept"),
            ("for the Department of Physics", "department-of-physics"),
            (
                "for the Department of Electrical and Computer Engineering",
                "department-of-electrical-and-computer-engineering"
            ),
            ("The genomics team needs access for 2 hours", "genomics-team"), ("genomics team access", "genomics-team"),
            ("Physics Dept. needs a quick test", "physics-dept"),
            ("our security team wants to try out Claude", "security-team"),
            ("access for a marketing team", "marketing-team"), ("for my new Robotics Lab", "robotics-lab"),
            ("for the AI team", "ai-team"), ("for the AI research group", "ai-research-group"),
            ("for the IT team", "it-team"), ("for the US team", "us-team"),
            ("for the user research team", "user-research-team"),
            ("for the Cloud Platform team", "cloud-platform-team"), ("Access team access", "access-team"),
            ("for Smith's lab", "smith-lab"), ("for Ada Lovelace\u{2019}s group", "ada-lovelace-group"),
            ("for the marketing team's new campaign", "marketing-team"),
            ("for the Turing Lab's notebooks", "turing-lab"),
            ("the marketing team's access", "marketing-team"), ("for the women's health group", "women-health-group"),
            ("for the \"Data Science\" team", "data-science-team"), ("for 'Data Science' team", "data-science-team"),
            ("for the \u{201C}Data Science Team\u{201D}", "data-science-team"),
            ("for \u{AB}Genomics\u{BB}", "genomics"),
            ("for \"marketing\", ada@example.edu", "marketing"), ("for R&D", "r-d"), ("for the R&D team", "r-d-team"),
            ("for Sales & Marketing", "sales-marketing"), ("for the Sales & Marketing team", "sales-marketing-team"),
            ("for the research and development department", "research-and-development-department"),
            ("for the team of ada@example.edu", nil), ("for ada@example.edu's team", nil), ("for my team", nil),
            ("for the whole team", nil), ("our group needs access", nil), ("for a team of people", nil),
            ("for Team Rocket", "team-rocket"), ("Team Rocket needs access", "team-rocket"), ("for group B", "group-b"),
            ("for the payments business unit", "payments"), ("for business unit payments", "payments"),
            ("ada@example.edu (marketing team) needs a key", "marketing-team"),
            ("ada@example.edu from the marketing team needs a key", "marketing-team"),
            ("key for ada@example.edu of the Marketing Team", "marketing-team"),
            ("on behalf of the finance department, 90 minutes", "finance-department"),
            ("for the faculty of medicine", "faculty-of-medicine"),
            ("for the intensive care unit", "intensive-care-unit"),
            ("for genomics, approved by the security team", "genomics"),
            ("genomics access behind our security group", "genomics"),
            ("MARKETING TEAM ACCESS", "marketing-team"), ("for the team", nil),
            ("for the marketing  team !", "marketing-team"),
            ("not for the marketing team", nil), ("a key behind our security group", nil),
        ] as [(String, String?)]
    )
    func `a team keeps its whole name, wherever and however it is written`(words: String, unit: String?) {
        let request = ProvisionRequest(reading: words)
        #expect(request.businessUnit == unit)
        #expect(request.kind == .shortTerm && request.question == nil, "\(request.question ?? "")")
    }

    @Test(arguments: [
        ("production key for the Marketing Team, ada@example.edu", "marketing-team"),
        ("CI/CD key for the R&D group, ada@example.edu", "r-d-group"),
        ("The payments team needs a server key, owner ada@example.edu", "payments-team"),
        ("a service of the Physics dept., ada@example.edu", "physics-dept"),
    ])
    func `a long-term key's unit is the team, and its owner the address`(words: String, unit: String) {
        let request = ProvisionRequest(reading: words)
        #expect(request.kind == .longTerm && request.question == nil, "\(request.question ?? "")")
        #expect(request.businessUnit == unit && request.owner == "ada@example.edu")
    }

    @Test(arguments: [
        ("for the physics team and the chemistry team", "physics-team or chemistry-team"),
        ("for the physics team and chemistry", "physics-team or chemistry"),
        ("for physics or the chemistry team", "physics or chemistry-team"),
        ("the physics team and the chemistry team need access", "physics-team or chemistry-team"),
        ("for the very long winding road top floor corner team", "long for one"),
    ])
    func `two teams are asked after`(words: String, asked: String) {
        #expect(ProvisionRequest(reading: words).question?.contains(asked) == true)
    }

    private func expect(_ phrase: Phrase) {
        let request = ProvisionRequest(reading: phrase.words)
        #expect(request.kind == phrase.kind)
        #expect(request.lifetime?.seconds == phrase.seconds)
        #expect(request.businessUnit == phrase.unit)
        #expect(request.owner == phrase.owner)
        #expect(request.region == phrase.region)
        // A person has to answer for a long-term key; nothing else is asked.
        let isOpen = phrase.kind == .longTerm && phrase.owner == nil
        #expect(request.question == (isOpen ? ProvisionRequest.ownerQuestion : nil))
    }

    @Test(arguments: [
        ("production quick test for genomics", "long-term"), ("development server for genomics", "long-term"),
        ("production or development, for genomics", "long-term"), ("maybe production, for genomics", "long-term"),
        ("production? for genomics", "long-term"), ("not production but a server for genomics", "long-term"),
        ("no, for production, genomics access", "long-term"), ("not a quick test", "long-term"),
        ("production key for payments for 2 hours", "without an end"), ("production key", "business unit"),
        ("production key for \u{1F680}payments\u{1F680}", "can't be in a user's name"),
        ("key for 13 hours", "15 minutes to 12 hours"), ("key for 14 minutes", "15 minutes to 12 hours"),
        ("key for 3 days", "15 minutes to 12 hours"), ("key for 0 hours", "15 minutes to 12 hours"),
        ("key for 99999999999 hours", "15 minutes to 12 hours"), ("key for 0.33333 hours", "15 minutes to 12 hours"),
        ("key for two weeks", "15 minutes to 12 hours"), ("for a few hours", "in digits"), ("for a day", "in digits"),
        ("for two or three hours", "in digits"), ("for two and a half hours", "in digits"),
        ("we can't renew keys by ourselves so production for payments", "long-term"), ("key for -2 hours", "in digits"),
        ("key for 2-4 hours", "in digits"),
        ("key for 2 to 4 hours", "in digits"), ("key for 1,5 hours", "in digits"), ("half an hour", "in digits"),
        ("key for \u{0662} hours", "in digits"), ("key for 1/2 hour", "in digits"), ("1e3 hours", "in digits"),
        ("key for 99999999999999999999 hours", "in digits"), ("2 hours, or 4 hours", "Which length"),
        ("access for physics and chemistry", "physics or chemistry"),
        ("physics access for chemistry", "Which business"),
        ("ada@example.edu and bob@example.edu", "Which one is the owner"), ("key for ada@example", "e-mail address"),
        ("key for a=b@example.edu", "e-mail address"), ("key for @ada", "e-mail address"),
        ("in us-east-1 or us-west-2", "us-east-1 or us-west-2"), ("in us-east1", "Which region"),
        ("in Frankfurt", "Which region"), ("genomics access in nowhere-7", "nowhere-7"),
        ("in useast1", "\"useast1\" is none"), ("in us-east-11", "Which region"), ("in eu-centrl-1", "Which region"),
        ("us-east-9", "Which region"), ("in us_east_1", "Which region"), ("region nowhere-7", "Which region"),
        ("region: us-east-0", "Which region"), ("in eastus2", "Which region"), ("in westeurope", "Which region"),
        ("in europe-west4", "Which region"), ("in us-east-1a", "Which region"), ("in uswest", "Which region"),
        ("in us-iso-east-1", "Which region"), ("in eusc-fr-east-1", "Which region"), ("in US-EAST-11", "Which region"),
        ("in us-east-1 or us-east-11", "Which region"), ("access in usa-east-1", "Which region"),
        ("production for payments", "Who answers"), ("a service for the Marketing Team", "Who answers"),
        ("a test of our new service for ops", "long-term"), ("testing our production for ops", "long-term"),
        ("server for a demo, for ops", "long-term"), ("region: mars", "Which region"),
        ("not in us-east-1", "Which region"),
        ("", "what for"), (" \u{200B}.,", "what for"), (String(repeating: "a ", count: 1500), "fewer words"),
    ])
    func `what can be read in two ways is asked after, and is never long-term by guess`(words: String, asked: String) {
        let request = ProvisionRequest(reading: words)
        #expect(request.question?.contains(asked) == true, "\(request)")
        if asked == "long-term" { #expect(request.kind == .shortTerm) }
        if asked.contains("hours") || asked == "in digits" || asked == "Which length" {
            #expect(request.lifetime == nil)
        }
        if ["us-east-1", "Which region", "nowhere", "\"useast1"].contains(where: { asked.hasPrefix($0) }) {
            #expect(request.region == nil)
        }
        if asked.contains("owner") || asked.hasPrefix("e-mail") { #expect(request.owner == nil) }
    }
}
