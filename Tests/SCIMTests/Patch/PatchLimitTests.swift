import SCIM
import Testing

@Suite("PATCH: limits")
struct PatchLimitTests {
    @Test("filters that would compare too much are refused before they do, others of the same length are not")
    func comparisons() throws {
        let members = (0..<9000).map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let bench = try PatchBench(#"{"id":"7","members":[\#(members)]}"#, type: .group)
        func remove(_ terms: Int) -> String {
            let filter = Array(repeating: "type pr", count: terms).joined(separator: " or ")
            return #"{"op":"remove","path":"members[\#(filter)]"}"#
        }
        #expect(throws: SCIMError.tooMany("")) { try bench.patched(remove(300)) }
        #expect(throws: SCIMError.tooMany("")) { try bench.patched("[\(remove(3)),\(remove(300))]") }
        #expect(try bench.patched("[\(remove(3)),\(remove(3))]") == bench.resource)
    }
}
