import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct CallComparisonTests {
    private func call(_ method: String, _ target: String, _ body: String = "", key: String? = nil) -> RecordedCall {
        RecordedCall(
            kind: .http, method: method, target: target, headers: key.map { [HTTPHeader("idempotency-key", $0)] } ?? [], body: .init(body))
    }

    private func lines(_ old: [RecordedCall], _ new: [RecordedCall]) -> [String] {
        CallComparison.differences(from: old, to: new).flatMap(\.lines)
    }

    @Test("the same calls in the same order do not differ, whatever the order of members and whatever came back")
    func same() {
        let old = call("POST", "https://a/1", #"{"a":1,"b":[{"c":null}]}"#)
        var new = call("POST", "https://a/1", #"{"b":[{"c":null}],"a":1}"#)
        new.answer = .init(.init(status: 500), mask: SecretMask([]))
        #expect(lines([old, old], [new, new]) == [])
    }

    @Test("a difference in a JSON body is named by its path")
    func paths() {
        let old = call("POST", "https://a/1", #"{"items":[{"n":"x"},{"n":"y"}],"gone":true}"#)
        let new = call("POST", "https://a/1", #"{"items":[{"n":"x"},{"n":"z"},3]}"#)
        #expect(
            lines([old], [new]) == [
                "~ POST https://a/1", "    body.gone: true → nothing", #"    body.items[1].n: "y" → "z""#, "    body.items[2]: nothing → 3",
            ])
    }

    @Test("other texts, headers, queries and methods are named")
    func rest() {
        #expect(lines([call("PUT", "https://a", "x")], [call("PUT", "https://a", "y")]) == ["~ PUT https://a", #"    body: "x" → "y""#])
        #expect(
            lines([call("PUT", "https://a", key: "e:1")], [call("PUT", "https://a", key: "e:2")]) == [
                "~ PUT https://a", #"    headers.idempotency-key: "e:1" → "e:2""#,
            ])
        #expect(
            lines([call("GET", "https://a?x=1")], [call("GET", "https://a?x=2")]) == [
                "~ GET https://a?x=2", #"    target: "https://a?x=1" → "https://a?x=2""#,
            ])
        #expect(
            lines([call("PUT", "https://a")], [call("PATCH", "https://a")]) == ["~ PATCH https://a", #"    method: "PUT" → "PATCH""#])
    }

    @Test("a call that comes in between or falls away shifts only itself; two that change places do differ")
    func order() {
        let (a, b, c) = (call("POST", "https://a"), call("POST", "https://b"), call("POST", "https://c"))
        #expect(lines([a, c], [a, b, c]) == ["+ POST https://b"])
        #expect(lines([a, b, c], [a, c]) == ["- POST https://b"])
        #expect(lines([a, b], [b, a]).count == 2)
        #expect(lines([a], []) == ["- POST https://a"])
    }

    @Test("a body that differs only behind what is kept differs all the same")
    func cut() {
        let long = String(repeating: "x", count: RecordedCall.Body.limit)
        #expect(lines([call("POST", "https://a", long + "1")], [call("POST", "https://a", long + "1")]) == [])
        #expect(lines([call("POST", "https://a", long + "1")], [call("POST", "https://a", long + "2")]).count == 2)
    }

    @Test("a record is read as it was written")
    func json() throws {
        var whole = call("POST", "https://a", String(repeating: "ü", count: 10_000), key: "e:1")
        whole.answer = .init(.init(status: 201, headers: [.init("Location", "/1")], body: Array("{}".utf8)), mask: SecretMask([]))
        var failed = call("GET", "https://b")
        failed.problem = "no answer"
        failed.isAnswerMadeUp = true
        let record = RunRecord(
            calls: [whole, failed, RecordedCall(kind: .kv, method: "set", target: "k", body: .init("1"))],
            inputs: [.init(.kv, "k", .null), .init(.clock, "", 5), .init(.scim, "get User/1", ["id": "1"])], isCut: true,
            ending: .init(.fail(reason: "gone")))
        #expect(RunRecord(bytes: record.bytes) == record)
        #expect(RunRecord(bytes: Array("[]".utf8)) == nil)
    }
}
