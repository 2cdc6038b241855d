import SystemPackage
import Testing

@testable import PostgresStore

struct AddressTests {
    @Test func `an address with a verified host is read`() throws {
        let text = "postgres://bursar_server@db.example.org:6432/bursar?sslmode=verify-full&sslrootcert=/etc/rds.pem"
        let address = try PostgresAddress(parsing: text)
        #expect(address.user == "bursar_server")
        #expect(address.host == .name("db.example.org"))
        #expect(address.port == 6432)
        #expect(address.database == "bursar")
        #expect(address.encryption == .verified(certificates: "/etc/rds.pem"))
        #expect("\(address)" == "postgres://bursar_server@db.example.org:6432/bursar")
    }

    @Test func `a Unix socket, an IPv6 address and escapes are read`() throws {
        let socket = try PostgresAddress(parsing: "postgresql://ada%40site@/bursar?host=/run/postgresql")
        #expect(socket.user == "ada@site")
        #expect(socket.host == .socket(folder: "/run/postgresql"))
        #expect(socket.port == 5432)
        let loopback = try PostgresAddress(parsing: "postgres://a@[::1]:5433/b?sslmode=disable")
        #expect(loopback.host == .name("::1"))
        #expect("\(loopback)" == "postgres://a@[::1]:5433/b")
    }

    @Test(arguments: [
        ("/var/lib/bursar.sqlite", PostgresAddress.ParseError.scheme),
        ("mysql://a@h/b", .scheme),
        ("postgres://a:secret@localhost/b", .password),
        ("postgres://a:@localhost/b", .password),
        ("postgres://a@localhost/b?password=secret", .password),
        ("postgres://localhost/b", .missing(.user)),
        ("postgres://@localhost/b", .missing(.user)),
        ("postgres://a@localhost", .missing(.database)),
        ("postgres://a@localhost/", .missing(.database)),
        ("postgres://a@/b", .missing(.host)),
        ("postgres://a@one,two/b?sslmode=disable", .malformed(.host)),
        ("postgres://a@localhost:x/b", .malformed(.port)),
        ("postgres://a@localhost:0/b", .malformed(.port)),
        ("postgres://a@localhost:65536/b", .malformed(.port)),
        ("postgres://a@[::1/b", .malformed(.host)),
        ("postgres://a@/b?host=relative", .malformed(.host)),
        ("postgres://a@localhost/b?host=/run", .malformed(.host)),
        ("postgres://a@localhost/b%zz", .malformed(.database)),
        ("postgres://a%00@localhost/b", .malformed(.user)),
        ("postgres://a@localhost/b?options=-c%20fsync=off", .unknownParameter("options")),
        ("postgres://a@localhost/b?sslmode=disable&sslmode=disable", .repeatedParameter("sslmode")),
        ("postgres://a@db.example.org/b", .unverified(sslmode: nil)),
        ("postgres://a@db.example.org/b?sslmode=require", .unverified(sslmode: "require")),
        ("postgres://a@10.0.0.1/b?sslmode=disable", .unverified(sslmode: "disable")),
        ("postgres://a@127.0.0.1/b?sslmode=prefer", .unknownMode("prefer")),
        ("postgres://a@db.example.org/b?sslmode=verify-full", .noCertificates),
        ("postgres://a@db.example.org/b?sslmode=verify-full&sslrootcert=rds.pem", .malformed(.certificates)),
    ])
    func `a text that is no such address is refused`(text: String, error: PostgresAddress.ParseError) {
        #expect(throws: error) { try PostgresAddress(parsing: text) }
        #expect(!"\(error) \(error.hint)".contains("secret"))
    }
}
