import Spend
import Testing

struct USDTests {
    @Test(arguments: [
        ("0", "0"), ("12", "12"), ("0.16101391", "0.16101391"), ("-3.50", "-3.5"),
        ("0.0000000000000001", "0.0000000000000001"),
        ("1.00000000000000000000", "1"), ("999999999999999999", "999999999999999999"),
    ])
    func `An amount is read and printed exactly`(text: String, printed: String) {
        #expect(USD(text)?.description == printed)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "1,5", "1e3", "+1", "--1", " 1", "1 ", "$1", "0.00000000000000001", "1.2.3", "٣",
        "10000000000000000000",
    ])
    func `A text that is no exact amount is refused`(text: String) {
        #expect(USD(text) == nil)
    }

    @Test(arguments: [
        ("0", "0.00"), ("0.005", "0.0050"), ("0.00995", "0.0100"), ("0.01", "0.01"), ("1.005", "1.01"),
        ("1.0049", "1.00"),
        ("0.00004", "<0.0001"), ("-0.00004", ">-0.0001"), ("-2.345", "-2.35"), ("1234567.891", "1234567.89"),
    ])
    func `Tables round to cents, and to four decimals below a cent`(text: String, rounded: String) throws {
        #expect(try #require(USD(text)).rounded == rounded)
    }

    /// Rows of AWS's own blog on cost allocation, where amounts are thousands of tokens.
    @Test(arguments: [
        ("4.1250000000", 433_893, "1.789808625"), ("0.3300000000", 5_372_659, "1.77297747"),
        ("3.3000000000", 29_481, "0.0972873"), ("16.5000000000", 31_102, "0.513183"),
    ])
    func `The products come out to the last digit`(price: String, tokens: Int64, cost: String) throws {
        #expect(try #require(TokenPrice(price, per: .million)).cost(of: tokens).description == cost)
    }

    @Test
    func `A price for a thousand tokens is a thousand times one for a million`() {
        #expect(TokenPrice("0.0033", per: .thousand) == TokenPrice("3.3", per: .million))
        #expect(TokenPrice("0.0000000001", per: .million)?.units == 1)
    }

    @Test(arguments: ["0.00000000001", "-1", "", "free", "1e-3"])
    func `A price with more than ten decimals, or none at all, is refused`(text: String) {
        #expect(TokenPrice(text, per: .million) == nil)
    }

    @Test
    func `A sum of a hundred thousand million calls of the dearest model fits`() throws {
        let price = try #require(TokenPrice("1000", per: .million))
        #expect(price.cost(of: 1 << 53).description == "9007199254740.992")
        #expect(USD(units: price.cost(of: 1 << 53).units * 1_000_000).description == "9007199254740992000")
    }
}
