import BursarModel
import Testing

@testable import AWSAuth

struct SigV4Tests {
    @Test(arguments: SigV4Vector.all("header"))
    func `signed headers equal botocore's`(vector: SigV4Vector) throws {
        let trace = try vector.signer.trace(vector.request, with: vector.credentials, at: vector.date)
        #expect(trace.canonicalRequest == vector.canonicalRequest)
        #expect(trace.stringToSign == vector.stringToSign)
        let headers = trace.request.headers.map { "\($0.name.lowercased()): \($0.value)" }
        let expected = (vector.signedHeaders ?? []).map { "\($0[0].lowercased()): \($0[1])" }
        #expect(headers.sorted() == expected.sorted())
    }

    @Test(arguments: SigV4Vector.all("presign"))
    func `presigned URLs equal botocore's`(vector: SigV4Vector) throws {
        let trace = try vector.signer.presignTrace(
            vector.request,
            with: vector.credentials,
            expiry: .seconds(try #require(vector.expires)),
            at: vector.date
        )
        #expect(trace.canonicalRequest == vector.canonicalRequest)
        #expect(trace.stringToSign == vector.stringToSign)
        #expect(trace.request.url == vector.signedURL)
    }

    @Test func `several hundred vectors of each kind are there`() {
        #expect(SigV4Vector.all("header").count >= 300)
        #expect(SigV4Vector.all("presign").count >= 150)
    }
}
