import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// Prices as an operator reads, sets and ends them, and reports by them.
@Suite struct SpendPricesTests {
    private static let role = "arn:aws:iam::123456789012:role/bursar-bedrock"
    private static let vectors = Checkout.root + "Tests/SpendTests/Vectors"
    private let home: OperatorHome

    init() async throws {
        home = try OperatorHome()
        try await home.addAda()
    }

    private struct Report: Decodable {
        struct Row: Decodable {
            let calls: Int
            let low: String
            let high: String
            let billed: String?
        }

        struct Unpriced: Decodable {
            let model: String
            let calls: Int
        }

        let totals: Row
        let unpriced: [Unpriced]
    }

    private func report(_ options: String = "") async throws -> Report {
        try decoded(try await home.output("spend report --month 2026-11 --format json " + options))
    }

    private func imports(model: String = "anthropic.claude-sonnet-4-6") async throws {
        let record = """
            {"timestamp":"2026-11-20T10:00:00Z","accountId":"123456789012","region":"us-east-1","requestId":"1",\
            "operation":"Converse","modelId":"\(model)","input":{"inputTokenCount":1000000},"identity":{"arn":\
            "arn:aws:sts::123456789012:assumed-role/bursar-bedrock/ada"},"schemaType":"ModelInvocationLog",\
            "schemaVersion":"1.0"}
            """
        let path = try home.write(record, to: "calls.jsonl")
        try await home.output("spend import \(path) --role \(Self.role)")
    }

    /// A price list with one product, whose price and unit are given.
    private func list(
        _ price: String,
        unit: String = "1K tokens",
        offer: String = "AmazonBedrock",
        day: String = "2026-10-01"
    )
        throws -> String
    {
        let text = """
            {"offerCode": "\(offer)", "publicationDate": "2026-11-01T00:00:00Z", "products": {"S": {"attributes":
            {"regionCode": "us-east-1", "model": "Nova Lite", "feature": "On-demand Inference",
            "usagetype": "USE1-NovaLite-input-tokens"}}}, "terms": {"OnDemand": {"S": {"T": {"effectiveDate":
            "\(day)T00:00:00Z", "priceDimensions": {"D": {"unit": "\(unit)", "pricePerUnit": {"USD": "\(price)"}}}}}}}}
            """
        return try home.write(text, to: "list.json")
    }

    // MARK: The operator's

    @Test func `a price of the operator's goes before AWS's until it ends, and every row stays`() async throws {
        try await imports()
        #expect(try await report().totals.high == "3.3")
        let set = "--region us-east-1 --input 2.97 --from 2026-11-01"
        let done = try await home.admin("spend prices set anthropic.claude-sonnet-4-6 " + set)
        #expect(
            done.isSuccess
                && done.errors.contains("Claude Sonnet 4.6, regional, in us-east-1 from 2026-11-01: input 2.97")
        )
        #expect(try await report().totals.high == "2.97")
        let listed = try await home.output("spend prices list --format csv")
        #expect(listed.contains("Claude Sonnet 4.6,us-east-1,regional,input,2.97,operator,2026-11-01"), "\(listed)")
        try await home.output("spend prices remove --region us-east-1 --from 2026-11-10", "Claude Sonnet 4.6")
        #expect(try await report().totals.high == "3.3")
        #expect(try await report("--by day").totals.high == "3.3")
        let history = try await home.output("spend prices list --history --format csv --model", "Claude Sonnet 4.6")
        #expect(
            history.contains(",2.97,operator,2026-11-01,") && history.contains(",,operator,2026-11-10,"),
            "\(history)"
        )
        let none = try await home.refusal("spend prices remove --region us-east-1", "Claude Sonnet 4.6")
        #expect(none.contains("there is no price of yours for Claude Sonnet 4.6"), "\(none)")
    }

    @Test(arguments: [
        ("--region us-east-1", "no price is given", 64),
        ("--region us-east-1 --input 1.12345678901", "--input \"1.12345678901\" is not a price", 64),
        ("--region us-east-1 --output=-1", "--output \"-1\" is not a price", 64),
        ("--region us-east-1 --output 1e3", "--output \"1e3\" is not a price", 64),
        ("--input 1", "missing expected argument '--region <region> ...'", 64),
        ("--region us-east-1 --input 1 --from 2026-02-30", "--from \"2026-02-30\" is not a day that there is", 64),
    ])
    func `a price that isn't exact, or has no place, is refused`(_ options: String, _ error: String, _ code: Int)
        async throws
    {
        let errors = try await home.refusal("spend prices set anthropic.claude-sonnet-4-6 " + options, code: code)
        #expect(errors.hasPrefix("admin: error: \(error)"), "\(errors)")
    }

    @Test func `a model that no list has is refused, unless it is named as new`() async throws {
        let errors = try await home.refusal("spend prices set --region us-east-1 --input 1", "Claude Sonet 4.6")
        #expect(errors.hasPrefix("admin: error: no price list has a model \"Claude Sonet 4.6\"\n"), "\(errors)")
        #expect(errors.contains("did you mean \"Claude Sonnet 4.6\"?; --new takes it all the same"), "\(errors)")
        try await imports(model: "made.up-v1:0")
        #expect(try await report().unpriced.map(\.model) == ["made.up-v1:0"])
        let table = try await home.admin("spend report --month 2026-11")
        #expect(table.errors.contains("admin: warning: made.up-v1:0 has no known price: 1 call, 1,000,000 tokens"))
        #expect(table.errors.contains("admin spend prices alias made.up-v1:0 NAME"), "\(table.errors)")
        try await home.output("spend prices set --new --region us-east-1 --input 4 --from 2026-11-01", "Made Up")
        try await home.output("spend prices alias made.up-v1:0", "Made Up (Amazon Bedrock Edition)")
        #expect(try await report().totals.high == "4")
        #expect(try await home.output("spend prices alias").contains("made.up-v1:0  Made Up    20"))
        try await home.output("spend prices alias made.up-v1:0 --remove")
        #expect(try await report().unpriced.map(\.calls) == [1])
    }

    @Test(arguments: [
        ("amazon.x", "Nova Lit", "no price list has a model \"Nova Lit\"", 1),
        (
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/ab12", "Nova Lite",
            "\"Nova Lite\" is not the id of a model with a known price", 1
        ),
    ])
    func `an alias without a price is refused`(_ name: String, _ target: String, _ error: String, _ code: Int)
        async throws
    {
        let errors = try await home.refusal("spend prices alias \(name)", target, code: code)
        #expect(errors.hasPrefix("admin: error: \(error)"), "\(errors)")
        let lacking = try await home.refusal("spend prices alias \(name)", code: 64)
        #expect(lacking.hasPrefix("admin: error: what is \(name) called in price lists?"), "\(lacking)")
    }

    // MARK: AWS's lists

    @Test func `a list is shown before it is added, once, and a correction is another row`() async throws {
        let path = try list("0.0000700000")
        let asked = try await home.admin("spend prices update --file \(path)")
        #expect(asked.exitCode == 1 && asked.errors.contains("add --yes to agree"), "\(asked.errors)")
        #expect(
            asked.output.contains("Nova Lite  us-east-1  regional  input     0.06   0.07  2026-10-01"),
            "\(asked.output)"
        )
        let dry = try await home.admin("spend prices update --file \(path) --dry-run")
        #expect(dry.isSuccess && dry.errors.contains("this was a dry run; it would add 1 row"), "\(dry.errors)")
        try await home.output("spend prices update --file \(path) --yes")
        let again = try await home.admin("spend prices update --file \(path) --yes")
        #expect(again.isSuccess && again.errors.contains("the lists are known already"), "\(again.errors)")
        try await home.output("spend prices update --yes --file \(try list("0.0000800000"))")
        let history = try await home.output(
            "spend prices list --history --region us-east-1 --format csv --model",
            "Nova Lite"
        )
        #expect(history.contains(",0.07,list,2026-10-01,") && history.contains(",0.08,list,2026-10-01,"), "\(history)")
        let now = try await home.output("spend prices list --region us-east-1 --format csv --model", "Nova Lite")
        #expect(now.contains("input,0.08,list,2026-10-01") && !now.contains("0.07"), "\(now)")
    }

    @Test(arguments: [
        ("0.0000600000", "1X tokens", "its unit is unknown"), ("0.06000000001", "Units", "has too many decimals"),
        ("6e-5", "1K tokens", "its price is no plain number"),
        ("-0.00006", "1K tokens", "its price is no plain number"),
    ])
    func `a price that can't be taken exactly is named and left out`(_ price: String, _ unit: String, _ flaw: String)
        async throws
    {
        let errors = try await home.refusal("spend prices update --yes --file \(try list(price, unit: unit))")
        #expect(errors.contains("admin: warning: left out: S (Nova Lite, us-east-1, input): "), "\(errors)")
        #expect(errors.contains(flaw), "\(errors)")
        #expect(errors.hasSuffix("admin: error: 1 price can't be taken exactly, and is left out\n"), "\(errors)")
    }

    @Test func `a file that is no list of Bedrock's prices is refused`() async throws {
        for (path, error) in [
            (try home.write("{\"products\": {}", to: "cut.json"), "is no price list of AWS's, or it is cut off"),
            (try list("1", offer: "AmazonEC2"), "is the price list of AmazonEC2, not of Bedrock"),
            (home.folder + "/missing", "can't be read: no such file or directory"),
        ] {
            let errors = try await home.refusal("spend prices update --yes --file \(path)")
            #expect(errors.hasPrefix("admin: error: \(path) \(error)\n"), "\(errors)")
        }
        let both = try await home.refusal("spend prices update --region us-east-1 --file x", code: 64)
        #expect(both.hasPrefix("admin: error: --file and --region can't be together\n"), "\(both)")
        let none = try await home.refusal("spend prices update")
        #expect(none.hasPrefix("admin: error: no region is known whose prices to fetch\n"), "\(none)")
        let region = try await home.refusal("spend prices update --region mars-east-1", code: 64)
        #expect(region.contains("\"mars-east-1\" is not the name of a region"), "\(region)")
    }

    @Test func `lists are fetched for the regions that calls were sent to`() async throws {
        try await imports()
        let script = """
            import http.server, os, pathlib, shutil, subprocess, sys, threading
            root = pathlib.Path(sys.argv[1])
            for offer in ("AmazonBedrock", "AmazonBedrockFoundationModels"):
                place = root / "offers/v1.0/aws" / offer / "current/us-east-1"
                place.mkdir(parents=True)
                shutil.copy(f"{sys.argv[2]}/offer-{offer}.json", place / "index.json")
            class Handler(http.server.SimpleHTTPRequestHandler):
                def log_message(self, *_): pass
            os.chdir(root)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/"
            done = subprocess.run(sys.argv[3:], env={**os.environ, "AWS_ENDPOINT_URL_PRICING": url}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            print(done.returncode, done.stdout)
            """
        let admin = [Checkout.program("admin"), "spend", "prices", "update", "--yes"]
        let fetched = try await home.python(script, [home.folder + "/mirror", Self.vectors] + admin)
        #expect(fetched.hasPrefix("0 "), "\(fetched)")
        #expect(fetched.contains("AmazonBedrock, published 2026-11-01T00:00:00Z: "), "\(fetched)")
        #expect(fetched.contains("AmazonBedrockFoundationModels, published 2026-11-01T00:00:00Z: "), "\(fetched)")
        let nothing = try await home.python(
            script,
            [home.folder + "/other", Self.vectors] + admin + ["--region", "eu-west-1"]
        )
        #expect(
            nothing.hasPrefix("1 ") && nothing.contains("AWS publishes no prices of Bedrock for eu-west-1"),
            "\(nothing)"
        )
    }

    // MARK: Reports

    @Test(arguments: [
        ("--researcher adda", "there is no researcher \"adda\"", 1),
        ("--project none", "there is no researcher and no key in a project \"none\"", 1),
        ("--model x.y", "no call was made of model \"x.y\"", 1),
        ("--region eu-west-1", "no call was made of region \"eu-west-1\"", 1),
        ("--month 2026-13", "--month \"2026-13\"", 64),
        ("--by outcome", "", 64), ("--format xml", "", 64),
    ])
    func `a report of what isn't there is refused`(_ options: String, _ error: String, _ code: Int) async throws {
        try await imports()
        let errors = try await home.refusal("spend report \(options)", code: code)
        #expect(errors.hasPrefix("admin: error: \(error)"), "\(errors)")
    }

    @Test func `a table rounds to cents and tells the total, its range and the age of the data`() async throws {
        #expect(try await home.admin("spend report").errors.contains("there were no calls"))
        try await imports()
        let outcome = try await home.admin("spend report --month 2026-11")
        #expect(outcome.output.contains("researcher  calls    input  output  cache read  cache write   low  high\n"))
        #expect(outcome.output.contains("ada             1  1000000       0           0            0  3.30  3.30\n"))
        #expect(outcome.errors.contains("1 call cost 3.30 USD from 2026-11-01 to 2026-11-30, UTC"), "\(outcome.errors)")
        #expect(outcome.errors.contains("the newest call is "), "\(outcome.errors)")
        let path = home.folder + "/report.csv"
        try await home.output("spend report --month 2026-11 --format csv --output \(path)")
        #expect(home.text("report.csv")?.contains("ada,1,1000000,0,0,0,3.3,3.3") == true)
        #expect(try home.mode("report.csv") == 0o600)
    }
}
